import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { DISCONNECTS } from '@veche/contracts';
import { type Drain, Drains } from '@veche/platform-runtime';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { CLOCK, type Clock } from '../ports.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Lifecycle } from '../session/lifecycle.ts';
import { Sessions } from '../session/sessions.ts';
import { spread } from './spread.ts';

/** After the doors, which by then take nobody new. */
const AFTER_DOORS = 20;

/** Tells all sessions to move, in random order, spread over the drain window: clients come back as fast as they are closed. */
@Injectable()
@Drains(AFTER_DOORS)
export class DrainSessions implements Drain, BeforeApplicationShutdown {
  // allowed: size: whom it moves, how fast by which clock, and who must know of it
  constructor(
    private readonly sessions: Sessions,
    private readonly lifecycle: Lifecycle,
    private readonly telemetry: RealtimeTelemetry,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_DRAIN_MS'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  get window(): { readonly setting: string; readonly ms: number } {
    return { setting: 'GATEWAY_DRAIN_MS', ms: this.config.GATEWAY_DRAIN_MS };
  }

  /** Where nobody drains before (tests): the HTTP server would wait for open sockets for ever. */
  beforeApplicationShutdown(): Promise<void> {
    return this.drain();
  }

  /** Resolves when every session has been told; tolerates twice. */
  async drain(): Promise<void> {
    this.lifecycle.draining = true;
    const waiting = shuffle(this.sessions.all());
    if (waiting.length === 0) return;
    this.telemetry.draining(waiting.length, this.config.GATEWAY_DRAIN_MS);
    await spread(
      waiting,
      this.config.GATEWAY_DRAIN_MS,
      (session) => session.close(DISCONNECTS.shutdown),
      () => this.clock.now(),
    );
  }
}

function shuffle<T>(items: T[]): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}
