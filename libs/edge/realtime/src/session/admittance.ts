import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type CloseRow, DISCONNECTS, VecheError } from '@veche/contracts';
import { type Identity, Revocations, TokenVerifier } from '../auth/index.ts';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';

/** Lets sessions in, for every language. Six dependencies: each may refuse, or must know. */
@Injectable()
export class Admittance {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly revocations: Revocations,
    private readonly sessions: Sessions,
    private readonly lifecycle: Lifecycle,
    private readonly telemetry: RealtimeTelemetry,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_MAX_SESSIONS_PER_USER'>,
  ) {}

  /** Who it is, by the token of its first message or else of its handshake; gives it its id. @throws VecheError */
  async identify(session: Session, token: string): Promise<Identity> {
    session.client = randomUUID();
    const credential = token || session.peer.token;
    return credential ? this.tokens.verify(credential) : this.tokens.anonymous();
  }

  /** The session is live from here on; false: it was closed, there are too many of its user, or its token was revoked meanwhile. */
  enter(session: Session): boolean {
    if (session.user !== '' && this.sessions.countOf(session.user) >= this.config.GATEWAY_MAX_SESSIONS_PER_USER) session.close(DISCONNECTS.connection_limit);
    else {
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
