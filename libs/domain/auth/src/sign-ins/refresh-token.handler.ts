import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, RefreshToken, type Tokens, VecheError } from '@veche/contracts';
import { RequestHandler } from '@veche/platform-messaging';
import { Database, type Transaction } from '@veche/platform-postgres';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { AuthServiceTelemetry } from '../auth.telemetry.ts';
import { Revocations } from '../revocations/revocations.service.ts';
import { decide, hashOf, nextSecret, readToken, type RefreshToken as Presented, writeToken } from './refresh-token.rules.ts';
import { type SignInRow, SignInsRepository } from './sign-ins.repository.ts';
import { type Session, SignIns } from './sign-ins.service.ts';

@Injectable()
export class RefreshTokenHandler {
  // Six dependencies: what a token is worth is decided under the lock of its row, and a reuse is revoked in the same transaction.
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_REFRESH_TTL_S' | 'AUTH_REFRESH_GRACE_S'>,
    private readonly database: Database,
    private readonly repository: SignInsRepository,
    private readonly signIns: SignIns,
    private readonly revocations: Revocations,
    private readonly telemetry: AuthServiceTelemetry,
  ) {}

  @RequestHandler(RefreshToken)
  async refresh({ refresh_token: text }: DataOf<typeof RefreshToken>): Promise<Tokens> {
    const token = readToken(text);
    const session = token && (await this.exchange(token));
    if (!session) throw new VecheError('unauthorized', 'the refresh token is not valid any more; sign in again');
    return this.signIns.tokens(session);
  }

  /** A throw would roll the revocation back, so refusals come out as `undefined`. */
  private async exchange(token: Presented): Promise<Session | undefined> {
    const session = await this.database.transaction(async (tx) => {
      const row = await this.repository.lock(tx, token.sid);
      const decision = decide(token, row?.chain, this.config.AUTH_REFRESH_GRACE_S * 1000);
      this.telemetry.refresh(decision);
      if (!row || decision === 'unknown') return undefined;
      if (decision === 'revoke') return this.revoke(tx, row);
      return this.next(tx, row, token, decision === 'rotate');
    });
    if (session && 'revoked' in session) this.revocations.announce({ sid: token.sid });
    return session && 'revoked' in session ? undefined : session;
  }

  private async next(tx: Transaction, { sid, user, chain }: SignInRow, token: Presented, advance: boolean): Promise<Session> {
    const secret = nextSecret(token.secret, chain.key);
    const generation = token.generation + 1;
    if (advance) await this.repository.advance(tx, sid, generation, hashOf(secret), this.config.AUTH_REFRESH_TTL_S);
    return { sid, user, refreshToken: writeToken(sid, generation, secret, chain.key) };
  }

  private async revoke(tx: Transaction, { sid }: SignInRow): Promise<{ readonly revoked: true }> {
    await this.repository.remove(tx, sid);
    await this.revocations.record(tx, { sid }, 'reuse');
    return { revoked: true };
  }
}
