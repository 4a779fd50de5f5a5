import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { type Allowed, dropOldest, Limiter } from '@veche/platform-redis';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { CLOCK, type Clock } from '../ports.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Limits, type SessionLimits } from './limits.ts';
import { allowList, networkOf } from './networks.ts';

const MINUTE = 60_000;
/** One typing signal per user and channel in this time. */
const TYPING_MS = 3_000;
/** Remembered typists; past it the oldest are forgotten, which lets a signal through too early and nothing worse. */
const MAX_TYPISTS = 50_000;
const PASSED: Allowed = { ok: true, retryAfterMs: 0 };
const CROWDED: Allowed = { ok: false, retryAfterMs: 10_000 };

@Injectable()
export class GatewayLimits extends Limits implements SessionLimits {
  private readonly allowed: (address: string) => boolean;
  /** Open sessions by network. */
  private readonly open = new Map<string, number>();
  private readonly typists = new Map<string, number>();

  constructor(
    private readonly limiter: Limiter,
    private readonly telemetry: RealtimeTelemetry,
    @Inject(gatewayConfig.token) private readonly config: Pick<
      GatewayConfig,
      | 'GATEWAY_MESSAGES_PER_MINUTE'
      | 'GATEWAY_RECONNECTS_PER_MINUTE'
      | 'GATEWAY_RECONNECT_ALLOW'
      | 'GATEWAY_CONNECTS_PER_USER'
      | 'GATEWAY_MAX_SESSIONS_PER_ADDRESS'
    >,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    super();
    this.allowed = allowList(config.GATEWAY_RECONNECT_ALLOW);
  }

  message(user: string): Promise<Allowed> {
    return this.limiter.take(`message ${user}`, this.config.GATEWAY_MESSAGES_PER_MINUTE, MINUTE);
  }

  async countMessage(user: string): Promise<void> {
    const { ok, retryAfterMs } = await this.message(user);
    if (!ok)
      throw new VecheError(
        'too_many_requests',
        `at most ${this.config.GATEWAY_MESSAGES_PER_MINUTE} messages in a minute: wait as long as retry_after says`,
        [],
        retryAfterMs,
      );
  }

  typing(user: string, channel: string): boolean {
    const key = `${user} ${channel}`;
    const now = this.clock.now();
    if (now - (this.typists.get(key) ?? Number.NEGATIVE_INFINITY) < TYPING_MS) return false;
    // Deleted first so that the map stays in the order of time.
    this.typists.delete(key);
    this.typists.set(key, now);
    dropOldest(this.typists, MAX_TYPISTS);
    return true;
  }

  async handshake(address: string): Promise<Allowed> {
    const network = networkOf(address);
    if (this.crowded(network)) return CROWDED;
    if (this.allowed(address)) return PASSED;
    if (!(await this.limiter.recent(`ended ${network}`))) return PASSED;
    this.telemetry.reconnected();
    const answer = await this.limiter.take(`reconnect ${network}`, this.config.GATEWAY_RECONNECTS_PER_MINUTE, MINUTE);
    if (!answer.ok) this.telemetry.connectFailed('reconnects');
    return answer;
  }

  async connect(user: string, address: string): Promise<Allowed> {
    if (user === '' || this.allowed(address) || !(await this.limiter.recent(`ended user ${user}`))) return PASSED;
    return this.limiter.take(`connect ${user}`, this.config.GATEWAY_CONNECTS_PER_USER, MINUTE);
  }

  sessionOpened(address: string): void {
    const network = networkOf(address);
    this.open.set(network, (this.open.get(network) ?? 0) + 1);
  }

  sessionEnded(address: string): void {
    const network = networkOf(address);
    const left = (this.open.get(network) ?? 1) - 1;
    if (left > 0) this.open.set(network, left);
    else this.open.delete(network);
  }

  mayReturn(address: string, user: string): void {
    if (this.allowed(address)) return;
    void this.limiter.note(`ended ${networkOf(address)}`, MINUTE);
    if (user !== '') void this.limiter.note(`ended user ${user}`, MINUTE);
  }

  private crowded(network: string): boolean {
    return (this.open.get(network) ?? 0) >= this.config.GATEWAY_MAX_SESSIONS_PER_ADDRESS;
  }
}
