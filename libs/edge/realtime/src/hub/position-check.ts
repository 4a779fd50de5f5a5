import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Channels } from './channels.ts';
import type { ChannelState } from './channel-state.ts';
import { Filler } from './filler.ts';
import { Positions } from './positions.ts';

/** Parts of a round: every channel is looked at once a round, a part of them at a time. */
const PARTS = 10;
/** Names in one query. */
const MAX_BATCH = 2_000;
/** An event that is on its way is no gap: looked at again after this. */
const ON_ITS_WAY_MS = 200;

/** A lost last event has no successor that would reveal it: so every channel is compared with its log, all of a part in one query. */
@Injectable()
export class PositionCheck implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: MapIterator<ChannelState> | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  // allowed: size: it compares two sides and tells two others what it found
  constructor(
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_POSITION_CHECK_MS'>,
    private readonly channels: Channels,
    private readonly positions: Positions,
    private readonly filler: Filler,
    private readonly telemetry: RealtimeTelemetry,
  ) {}

  onModuleInit(): void {
    this.filler.checkAllSoon = () => void this.checkAll();
    this.timer = setInterval(() => this.next(), this.config.GATEWAY_POSITION_CHECK_MS / PARTS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** After an interruption of the fan-out anything may have been missed. */
  async checkAll(): Promise<void> {
    const all = [...this.channels.values()];
    for (let at = 0; at < all.length && !this.stopped; at += MAX_BATCH) await this.check(all.slice(at, at + MAX_BATCH));
  }

  private next(): void {
    // A slow database must not be asked again before it has answered.
    this.running ??= this.part().finally(() => (this.running = undefined));
  }

  private async part(): Promise<void> {
    // One more than a tenth, so that ten parts make a whole round whatever the remainder.
    const share = Math.ceil(this.channels.size / (PARTS - 1)) + 1;
    const states: ChannelState[] = [];
    while (states.length < share) {
      const { value, done } = (this.round ??= this.channels.values()).next();
      if (done) {
        this.round = undefined;
        break;
      }
      states.push(value);
    }
    for (let at = 0; at < states.length && !this.stopped; at += MAX_BATCH) await this.check(states.slice(at, at + MAX_BATCH));
  }

  private async check(states: readonly ChannelState[]): Promise<void> {
    const known = states.filter((state) => state.durable && state.opening === null && !state.gone);
    if (known.length === 0) return;
    try {
      const changed = await this.positions.changed(known.map(({ name, epoch, last }) => ({ channel: name, epoch, seq: last })));
      for (const { channel, epoch, seq } of changed) this.compare(this.channels.get(channel), epoch, seq);
    } catch (error) {
      this.telemetry.unexpected(error, 'positions cannot be compared with the log');
    }
  }

  private compare(state: ChannelState | undefined, epoch: string, seq: number): void {
    if (!state || state.opening || (state.epoch === epoch && seq <= state.last)) return;
    if (state.epoch !== epoch && state.epoch !== '') return this.filler.rewound(state);
    // It got its row after somebody had begun to listen, and nothing has happened on it yet.
    if (seq === 0) state.epoch = epoch;
    setTimeout(() => this.filler.gap(state, seq), ON_ITS_WAY_MS).unref();
  }
}
