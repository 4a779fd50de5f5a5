import { Injectable } from '@nestjs/common';
import { type DataOf, EndSession } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { Revocations } from '../revocations/revocations.service.ts';
import { decide, readToken } from './refresh-token.rules.ts';
import { SignInsRepository } from './sign-ins.repository.ts';

@Injectable()
export class EndSessionHandler {
  constructor(
    private readonly database: Database,
    private readonly repository: SignInsRepository,
    private readonly revocations: Revocations,
  ) {}

  /** Answers alike whether there was a session: signing out twice is no error, and a guess learns nothing. Any genuine token of the chain ends it. */
  @RequestHandler(EndSession)
  async end({ refresh_token: text }: DataOf<typeof EndSession>): Promise<Record<string, never>> {
    const token = readToken(text);
    if (!token) return {};
    const ended = await this.database.transaction(async (tx) => {
      const row = await this.repository.lock(tx, token.sid);
      if (!row || decide(token, row.chain, 0) === 'unknown') return false;
      await this.repository.remove(tx, token.sid);
      await this.revocations.record(tx, { sid: token.sid }, 'sign_out');
      return true;
    });
    if (ended) this.revocations.announce({ sid: token.sid });
    return {};
  }
}
