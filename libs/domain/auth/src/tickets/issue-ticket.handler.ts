import { Inject, Injectable } from '@nestjs/common';
import { type AnswerOf, type DataOf, IssueTicket } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { newTicket, sealToken, ticketHash } from './ticket.rules.ts';
import { TicketsRepository } from './tickets.repository.ts';

@Injectable()
export class IssueTicketHandler {
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_TICKET_TTL_S'>,
    private readonly tickets: TicketsRepository,
  ) {}

  /** The token is not judged here: the gateway that redeems the ticket verifies it as it does every token. */
  @RequestHandler(IssueTicket)
  async issue({ token, origin }: DataOf<typeof IssueTicket>): Promise<AnswerOf<typeof IssueTicket>> {
    const ticket = newTicket();
    await this.tickets.insert(ticketHash(ticket), sealToken(token, ticket), origin, this.config.AUTH_TICKET_TTL_S);
    return { ticket, expires_in: this.config.AUTH_TICKET_TTL_S };
  }
}
