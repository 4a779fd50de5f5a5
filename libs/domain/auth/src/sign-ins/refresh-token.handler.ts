import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, RefreshToken, type Tokens, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { RevokedSessions } from '@veche/platform-redis';
import type { RevokedNames } from '../revocations/revocations.repository.ts';
import { Revocations } from '../revocations/revocations.service.ts';
import { decide, readToken, type RefreshToken as Presented } from './refresh-token.rules.ts';
import { SignInsRepository } from './sign-ins.repository.ts';
import { type Session, SignIns } from './sign-ins.service.ts';

/** Of one exchange: at most one of the two. */
interface Exchanged {
  readonly session?: Session;
  readonly revoked?: RevokedNames;
}

@Injectable()
export class RefreshTokenHandler {
  // allowed: size: what a token is worth is decided under the lock of its row, and a reuse is revoked in the same transaction
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_REFRESH_GRACE_S'>,
    private readonly repository: SignInsRepository,
    private readonly signIns: SignIns,
    private readonly revocations: Revocations,
    private readonly marks: RevokedSessions,
    private readonly telemetry: AuthServiceTelemetry,
  ) {}

  /** A session that is known to have ended costs the database nothing, however often its token is shown. */
  @RequestHandler(RefreshToken)
  async refresh({ refresh_token: text }: DataOf<typeof RefreshToken>): Promise<Tokens> {
    const token = readToken(text);
    const { session, revoked } = token && !(await this.marks.has({ sid: token.sid })) ? await this.exchange(token) : {};
    if (revoked) await this.revocations.announce(revoked);
    if (!session) throw new VecheError('unauthorized', 'the refresh token is not valid any more; sign in again');
    return this.signIns.tokens(session);
  }

  /** A throw would roll a revocation back, so refusals come out as values. */
  private exchange(token: Presented): Promise<Exchanged> {
    return this.repository.transaction(async (tx): Promise<Exchanged> => {
      const row = await this.repository.lock(tx, token.sid);
      const decision = decide(token, row?.chain, this.config.AUTH_REFRESH_GRACE_S * 1000);
      this.telemetry.refresh(decision);
      if (!row || decision === 'unknown') return {};
      if (decision !== 'revoke') return { session: await this.signIns.next(tx, row, token, decision === 'repeat') };
      const revoked = { sid: row.sid, user: row.user.id };
      await this.repository.remove(tx, row.sid);
      await this.revocations.record(tx, revoked, 'reuse');
      return { revoked };
    });
  }
}
