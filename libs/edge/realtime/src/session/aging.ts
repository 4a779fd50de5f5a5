import { DISCONNECTS } from '@veche/contracts';
import type { GatewayConfig } from '../gateway.config.ts';
import { TokenBucket } from '../limits/token-bucket.ts';
import type { Session } from './session.ts';

/** Ages differ by this share of the greatest, up or down: a crowd that came at once does not leave at once. */
const SPREAD = 0.2;

/**
 * Sends sessions that have been here for long elsewhere: nothing else moves them to processes that were added. What becomes too old in a crowd leaves
 * in the order in which it did, so many a second. Of a session it keeps one number, and only those that wait to leave are listed.
 */
export class Aging {
  private readonly old = new Set<Session>();
  private readonly pace: TokenBucket;

  constructor(
    private readonly config: Pick<GatewayConfig, 'GATEWAY_MAX_AGE_MS' | 'GATEWAY_MAX_AGE_PER_SECOND'>,
    private readonly now: () => number,
    private readonly random: () => number = Math.random,
  ) {
    this.pace = new TokenBucket(config.GATEWAY_MAX_AGE_PER_SECOND, now);
  }

  /** It is live from now on. */
  born(session: Session): void {
    const age = this.config.GATEWAY_MAX_AGE_MS;
    if (age > 0) session.oldAt = this.now() + Math.round(age * (1 - SPREAD + 2 * SPREAD * this.random()));
  }

  /** Milliseconds until it is too old; `undefined`: it never is, or waits to leave already. */
  left(session: Session): number | undefined {
    return session.oldAt === 0 ? undefined : session.oldAt - this.now();
  }

  /** Its time may have come. */
  look(session: Session): void {
    if (session.oldAt === 0 || session.oldAt > this.now()) return;
    session.oldAt = 0;
    this.old.add(session);
  }

  ended(session: Session): void {
    this.old.delete(session);
  }

  /** Tells those whose turn it is to reconnect. */
  turn(): void {
    for (const session of this.old) {
      if (!this.pace.take()) return;
      this.old.delete(session);
      session.close(DISCONNECTS.force_reconnect);
    }
  }
}
