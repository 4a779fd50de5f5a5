import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { type Drain, Drains } from '@veche/platform-runtime';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { CLOCK, type Clock } from '../ports.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { SessionLimits } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Nobody new comes in before sessions are told to move. */
const FIRST = 10;
/** The next process is ready, and a proxy that still came here will not come again. */
const ELSEWHERE_MS = 1_000;
/** Whoever is one too many comes back within this time, so that a crowd does not come back as one. */
const CROWD_MS = { least: 1_000, spread: 4_000 } as const;

/** Not let in by this process, which has counted it by its own cause. */
export class NotAdmitted extends VecheError {
  constructor(message: string, retryAfterMs: number) {
    super('unavailable', message, [], retryAfterMs);
  }
}

/** Where every door asks before it does any work for a handshake: an upgrade, or a stream. */
@Injectable()
@Drains(FIRST)
export class Entrance implements Drain {
  private readonly accepts: TokenBucket;
  private closed = false;

  constructor(
    private readonly limits: SessionLimits,
    private readonly telemetry: RealtimeTelemetry,
    @Inject(gatewayConfig.token) config: Pick<GatewayConfig, 'GATEWAY_ACCEPTS_PER_SECOND'>,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.accepts = new TokenBucket(config.GATEWAY_ACCEPTS_PER_SECOND, () => clock.now());
  }

  /** Sessions that are here are served on; whoever comes now is sent elsewhere. */
  async drain(): Promise<void> {
    this.closed = true;
  }

  /** @throws VecheError `unavailable` (503): this process is going away or has taken enough for this second; `too_many_requests` (429): of this address */
  async admit(address: string): Promise<void> {
    if (this.closed) throw this.refusal('draining', 'this process is going away: connect again', ELSEWHERE_MS);
    // Taken before the address is looked at: in a storm that look-up is the work to be spared.
    if (!this.accepts.take())
      throw this.refusal('accepts', 'too many connect at once: wait as long as Retry-After says', CROWD_MS.least + Math.random() * CROWD_MS.spread);
    const { ok, retryAfterMs } = await this.limits.handshake(address);
    if (ok) return;
    this.accepts.giveBack();
    throw new VecheError('too_many_requests', 'too many connections from this address: wait as long as Retry-After says', [], retryAfterMs);
  }

  private refusal(cause: string, message: string, retryAfterMs: number): NotAdmitted {
    this.telemetry.connectFailed(cause);
    return new NotAdmitted(message, retryAfterMs);
  }
}
