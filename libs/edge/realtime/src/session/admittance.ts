import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type CloseRow, DISCONNECTS, VecheError } from '@veche/contracts';
import { type Identity, Revocations, TokenVerifier } from '../auth/index.ts';
import type { Peer } from '../door.ts';
import { SessionLimits } from '../limits/limits.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';

/** Lets sessions in, for every language. */
@Injectable()
export class Admittance {
  // allowed: size: each of them may refuse a session, or must know of it
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly revocations: Revocations,
    private readonly sessions: Sessions,
    private readonly lifecycle: Lifecycle,
    private readonly limits: SessionLimits,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  /** Who it is, by the token of its first message or else of its handshake; gives it its id. @throws VecheError */
  async identify(session: Session, token: string): Promise<Identity> {
    session.client = randomUUID();
    this.sessions.arrives(session);
    const credential = token || session.peer.token;
    const identity = credential ? await this.tokens.verify(credential) : this.tokens.anonymous();
    const { ok, retryAfterMs } = await this.limits.connect(identity.user, session.peer.address);
    if (!ok) throw new VecheError('too_many_requests', 'too many connects of this user: wait as long as retry_after says', [], retryAfterMs);
    return identity;
  }

  /** The session is live from here on; false: it was closed, there are too many of its user, or its token was revoked meanwhile. */
  enter(session: Session): boolean {
    if (this.sessions.isCrowded(session.user)) session.close(DISCONNECTS.connection_limit);
    else {
      // A token is half a kilobyte that nobody needs any more, and must not be found in a heap dump.
      if (session.peer.token !== undefined) session.peer = withoutToken(session.peer);
      this.lifecycle.live(session);
      // Asked after it can be found: a revocation between the check of the token and this moment is not missed.
      if (this.revocations.isRevoked(session.identity)) session.close(DISCONNECTS.invalid_token);
    }
    return session.phase === 'live';
  }

  refuse(session: Session, refusal: CloseRow): void {
    this.lifecycle.refuse(session, refusal);
  }

  /** What to tell the client of a failed connect. */
  explain(error: unknown): VecheError {
    const known = error instanceof VecheError ? error : new VecheError('internal');
    this.telemetry.connectFailed(known.error);
    if (known !== error) this.telemetry.unexpected(error, 'a connect failed');
    return known;
  }
}

function withoutToken({ token: _used, ...rest }: Peer): Peer {
  return rest;
}
