import { Injectable } from '@nestjs/common';
import { type DataOf, EndSession } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import type { RevokedNames } from '../revocations/revocations.repository.ts';
import { Revocations } from '../revocations/revocations.service.ts';
import { decide, readToken, type RefreshToken } from './refresh-token.rules.ts';
import { SignInsRepository } from './sign-ins.repository.ts';

@Injectable()
export class EndSessionHandler {
  constructor(
    private readonly repository: SignInsRepository,
    private readonly revocations: Revocations,
  ) {}

  /** Answers alike whether there was a session: signing out twice is no error, and a guess learns nothing. */
  @RequestHandler(EndSession)
  async end({ refresh_token: text }: DataOf<typeof EndSession>): Promise<Record<string, never>> {
    const token = readToken(text);
    const revoked = token && (await this.remove(token));
    if (revoked) await this.revocations.announce(revoked);
    return {};
  }

  /** Any genuine token of the chain ends it, spent ones too. */
  private remove(token: RefreshToken): Promise<RevokedNames | undefined> {
    return this.repository.transaction(async (tx) => {
      const row = await this.repository.lock(tx, token.sid);
      if (!row || decide(token, row.chain, 0) === 'unknown') return undefined;
      const revoked = { sid: row.sid, user: row.user.id };
      await this.repository.remove(tx, row.sid);
      await this.revocations.record(tx, revoked, 'sign_out');
      return revoked;
    });
  }
}
