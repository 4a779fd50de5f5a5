import { Injectable } from '@nestjs/common';
import { DISCONNECTS, VecheError } from '@veche/contracts';
import { type Identity, Revocations, TokenVerifier } from '../auth/index.ts';
import { Lifecycle } from '../session/lifecycle.ts';
import type { Session } from '../session/session.ts';
import { type Command, ProtocolViolation, reply } from './codec.ts';
import { type CommandRunner, Disconnect } from './command-runner.ts';
import { text } from './fields.ts';

/** A new token for a live session. Never answered with 109, which is terminal here: an expired token closes with 3005. */
@Injectable()
export class RefreshCommand implements CommandRunner {
  readonly method = 'refresh';

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly lifecycle: Lifecycle,
    private readonly revocations: Revocations,
  ) {}

  async run(session: Session, { id, params }: Command): Promise<void> {
    const token = text(params, 'token');
    if (token === '') throw new ProtocolViolation('no token');
    const identity = await this.verify(token);
    if (session.phase !== 'live') return;
    if (identity.user !== session.user) throw new Disconnect(DISCONNECTS.invalid_token);
    session.identity = identity;
    // Asked once it can be found by its new token: a revocation between the check and this moment is not missed.
    if (this.revocations.isRevoked(identity)) throw new Disconnect(DISCONNECTS.invalid_token);
    this.lifecycle.renewed(session);
    session.send(reply(id, 'refresh', validity(identity.expiresAt)));
  }

  private async verify(token: string): Promise<Identity> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      if (!(error instanceof VecheError)) throw error;
      if (error.error === 'token_expired') throw new Disconnect(DISCONNECTS.expired);
      if (error.error === 'unauthorized') throw new Disconnect(DISCONNECTS.invalid_token);
      throw error;
    }
  }
}

/** @param expiresAt ms since 1970; absent: never. */
export const validity = (expiresAt: number | undefined): string =>
  expiresAt === undefined ? '{}' : `{"expires":true,"ttl":${Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000))}}`;
