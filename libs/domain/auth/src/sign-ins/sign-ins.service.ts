import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Tokens, User } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { type AuthConfig, authConfig } from '../auth.config.ts';
import { AccessTokens } from '../keys/access-tokens.ts';
import { hashOf, newSecret, newSid, nextSecret, type RefreshToken, writeToken } from './refresh-token.rules.ts';
import { type SignInRow, SignInsRepository } from './sign-ins.repository.ts';

/** A sign-in session as it leaves a transaction. */
export interface Session {
  readonly sid: string;
  readonly user: User;
  readonly refreshToken: string;
}

/** How a sign-in session begins and what its holder is given: the same for registering, signing in and refreshing. */
@Injectable()
export class SignIns {
  constructor(
    @Inject(authConfig.token) private readonly config: Pick<AuthConfig, 'AUTH_ACCESS_TTL_S' | 'AUTH_REFRESH_TTL_S'>,
    private readonly repository: SignInsRepository,
    private readonly accessTokens: AccessTokens,
  ) {}

  async begin(tx: Transaction, user: User): Promise<Session> {
    const [sid, key, secret] = [newSid(), randomBytes(32), newSecret()];
    await this.repository.insert(tx, sid, user.id, { key, secretHash: hashOf(secret) }, this.config.AUTH_REFRESH_TTL_S);
    return { sid, user, refreshToken: writeToken(sid, 0, secret, key) };
  }

  beginAlone(user: User): Promise<Session> {
    return this.repository.transaction((tx) => this.begin(tx, user));
  }

  /** The session with the successor of a token; unless `repeat`, that is from now on the current one. */
  async next(tx: Transaction, { sid, user, chain }: SignInRow, token: RefreshToken, repeat: boolean): Promise<Session> {
    const secret = nextSecret(token.secret, chain.key);
    const generation = token.generation + 1;
    if (!repeat) await this.repository.advance(tx, sid, generation, hashOf(secret), this.config.AUTH_REFRESH_TTL_S);
    return { sid, user, refreshToken: writeToken(sid, generation, secret, chain.key) };
  }

  /** After the commit, never before: an access token for a session that does not exist could not be revoked. */
  async tokens({ sid, user, refreshToken }: Session): Promise<Tokens> {
    const token = await this.accessTokens.issue(user, sid);
    return { token, token_type: 'Bearer', expires_in: this.config.AUTH_ACCESS_TTL_S, refresh_token: refreshToken, user };
  }
}
