import { Injectable } from '@nestjs/common';
import { type AnswerOf, type DataOf, RedeemTicket, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { isTicket, ticketHash, unsealToken } from './ticket.rules.ts';
import { TicketsRepository } from './tickets.repository.ts';

@Injectable()
export class RedeemTicketHandler {
  constructor(private readonly tickets: TicketsRepository) {}

  /** A ticket shown from another origin is spent all the same. */
  @RequestHandler(RedeemTicket)
  async redeem({ ticket, origin }: DataOf<typeof RedeemTicket>): Promise<AnswerOf<typeof RedeemTicket>> {
    const row = isTicket(ticket) ? await this.tickets.take(ticketHash(ticket)) : undefined;
    if (!row?.alive || (row.origin !== null && row.origin !== origin))
      throw new VecheError('unauthorized', 'the ticket is not valid: it serves once, for 30 s; ask for a new one');
    return { token: unsealToken(row.sealed_token, ticket) };
  }
}
