import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { RedeemTicket, VecheError } from '@veche/contracts';
import { REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import { type DoorsConfig, doorsConfig } from './doors.config.ts';
import { peerOf } from './peer.rules.ts';

/** Finds the credential of a door that has no first message: header, cookie, `?ticket=`, and by setting `?token=`. */
@Injectable()
export class Credentials {
  constructor(
    @Inject(REQUEST_BUS) private readonly requests: RequestBus,
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
  ) {}

  /**
   * The access token, not yet verified; `undefined` for a request without any.
   * @throws VecheError `unauthorized` for a ticket that is used up, too old or of another origin, or a token where none may stand.
   */
  async tokenOf(request: IncomingMessage, query: URLSearchParams): Promise<string | undefined> {
    const ticket = query.get('ticket');
    if (ticket !== null) return this.redeem(ticket, request.headers.origin);
    const token = query.get('token');
    if (token === null) return peerOf(request, this.config).token;
    if (!this.config.DOORS_QUERY_TOKEN)
      throw new VecheError('unauthorized', 'tokens are not taken from the address here: send the Authorization header, or a ticket of POST /auth/ticket');
    return token;
  }

  private async redeem(ticket: string, origin: string | undefined): Promise<string> {
    const query = RedeemTicket.schema.safeParse({ ticket, ...(origin !== undefined && { origin }) });
    if (!query.success) throw new VecheError('unauthorized', 'the ticket is not valid: fetch a new one');
    const { token } = (await this.requests.ask(RedeemTicket.kind, query.data)) as { token: string };
    return token;
  }
}
