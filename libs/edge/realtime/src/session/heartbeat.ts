import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DISCONNECTS } from '@veche/contracts';
import { DirectSend } from '../delivery/direct-send.ts';
import { VARIANT_TABLE } from '../delivery/variants.ts';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { CLOCK, type Clock } from '../ports.ts';
import { Aging } from './aging.ts';
import { expiryOf } from './expiry.ts';
import { pressureOf } from './outbox.ts';
import type { Session } from './session.ts';
import { TICK_MS, Wheel } from './wheel.ts';

/** A refused connect is told why; a client that does not go by itself is closed after this. */
export const REFUSED_MS = 5_000;
/** Ticks behind from which on the loop counts as stalled. */
const STALL_TICKS = 10;

/** Everything that happens to a session because time passes: one timer for all. */
@Injectable()
export class Heartbeat implements OnApplicationShutdown {
  private readonly wheel: Wheel<Session>;
  private readonly aging: Aging;
  /** Sessions with bytes waiting or unanswered: the only ones whose outbox is looked at by the tick. */
  private readonly slow = new Set<Session>();
  /** Bytes without an answered ping from which on an outbox is looked at with every write. */
  readonly unansweredSoft: number;
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;

  constructor(
    @Inject(gatewayConfig.token) private readonly config: GatewayConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly direct: DirectSend,
  ) {
    this.unansweredSoft = config.GATEWAY_MAX_OUTBOX_BYTES / 2;
    this.wheel = new Wheel<Session>(config.GATEWAY_PING_MS, config.GATEWAY_PONG_MS);
    this.aging = new Aging(config, () => clock.now());
  }

  get waiting(): number {
    return this.slow.size;
  }

  /** Must be live within the time for a connect. */
  opened(session: Session): void {
    this.start();
    this.wheel.deadline(session, this.config.GATEWAY_CONNECT_MS);
  }

  live(session: Session): void {
    this.wheel.board(session);
    this.aging.born(session);
    this.expiring(session);
  }

  refused(session: Session): void {
    this.wheel.deadline(session, REFUSED_MS);
  }

  /** Its token, or the token of one of its subscriptions, has a new end; or its end has been looked at and has not come. */
  expiring(session: Session): void {
    const at = expiryOf(session, this.config.GATEWAY_EXPIRY_GRACE_MS);
    if (at > 0) this.wheel.deadline(session, at - this.clock.wall());
    const left = this.aging.left(session);
    if (left !== undefined) this.wheel.deadline(session, left);
  }

  ended(session: Session): void {
    this.wheel.leave(session);
    this.slow.delete(session);
    this.aging.ended(session);
  }

  /** Looks at the outbox after a write that left bytes waiting or unanswered. */
  pressed(session: Session): void {
    const bytes = session.transport.waitingBytes;
    const now = this.clock.now();
    if (bytes > 0 && session.waitingSince === 0) session.waitingSince = now;
    if (bytes === 0) session.waitingSince = 0;
    const pressure = pressureOf(
      {
        bytes,
        frames: bytes === 0 ? 0 : session.transport.waitingFrames,
        waitingMs: session.waitingSince === 0 ? 0 : now - session.waitingSince,
        unanswered: session.pongs ? session.sent - session.answered : 0,
        askedMs: session.askedAt === 0 ? -1 : now - session.askedAt,
      },
      this.config,
    );
    session.pressed = pressure === 'pressed';
    if (pressure === 'slow') session.close(DISCONNECTS.slow);
    else if (pressure === 'ping') this.ping(session);
    if (bytes > 0 && session.phase !== 'closed') this.slow.add(session);
    else this.slow.delete(session);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /**
   * As many ticks as time says: a stalled loop must not make pings late for ever. After a stall (a frozen process too) nobody is
   * blamed for silence: the answers are in the kernel and have not been read yet.
   */
  private catchUp(): void {
    const target = Math.floor((this.clock.now() - this.startedAt) / TICK_MS);
    const stalled = target - this.wheel.tick > STALL_TICKS;
    while (this.wheel.tick < target) this.tick(stalled);
    for (const session of this.slow) this.pressed(session);
    this.aging.turn();
  }

  private tick(stalled: boolean): void {
    const { ping, check, due } = this.wheel.turn();
    if (!stalled) for (const session of check) this.checkPong(session);
    for (const session of ping) if (session.phase === 'live') this.ping(session);
    for (const session of due) this.due(session);
  }

  private ping(session: Session): void {
    const now = this.clock.now();
    // A pong to an earlier ping proves less than one to this: only the first unanswered is remembered as a barrier.
    if (session.askedAt === 0) {
      session.askedAt = now;
      session.pingMark = session.sent;
    }
    if (session.pingAt === 0) session.pingAt = now;
    this.direct.write(session, session.ownPing ?? VARIANT_TABLE[session.variant]!.ping);
  }

  private checkPong(session: Session): void {
    if (session.pongs && session.pingAt !== 0 && this.clock.now() - session.pingAt >= this.config.GATEWAY_PONG_MS) session.close(DISCONNECTS.no_pong);
  }

  private due(session: Session): void {
    if (session.phase === 'new' || session.phase === 'authenticating') session.close(DISCONNECTS.stale);
    else if (session.phase === 'refused') session.close(session.refusal);
    else if (session.phase === 'live') this.expire(session);
  }

  private expire(session: Session): void {
    const { identity } = session;
    const grace = this.config.GATEWAY_EXPIRY_GRACE_MS;
    if (identity.expiresAt !== undefined && identity.expiresAt + grace <= this.clock.wall()) session.close(DISCONNECTS.expired);
    else {
      session.services.subscriptionsExpire(session, this.clock.wall() - grace);
      if (session.phase !== 'live') return;
      this.aging.look(session);
      this.expiring(session);
    }
  }

  private start(): void {
    if (this.timer) return;
    this.startedAt = this.clock.now() - this.wheel.tick * TICK_MS;
    this.timer = setInterval(() => this.catchUp(), TICK_MS).unref();
  }
}
