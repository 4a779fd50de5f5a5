import { Injectable } from '@nestjs/common';
import { type ChannelEvent, VecheError } from '@veche/contracts';
import type { LogPage } from '@veche/event-log';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { Channels } from './channels.ts';
import type { ChannelState } from './channel-state.ts';
import { LogReads } from './log-reads.ts';
import { isUnborn } from './seq-gate.rules.ts';

/** A gap that a log which answers does not fill within this time costs the channel its position: its subscribers resume. */
const PATIENCE_MS = 2_000;
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 500;

/** Fills gaps from the log. The log has every event before the fan-out does, so what is missing there was never given. */
@Injectable()
export class Filler {
  /** Set by the hub: where a page's events go, in order, past the same gate as those of the fan-out. */
  accept: (event: ChannelEvent) => void = () => {};
  /** Set by whoever tells subscribers that the channel's position is lost. */
  onLost: (state: ChannelState) => void = () => {};
  /** Set by the position check. */
  checkAllSoon: () => void = () => {};

  constructor(
    private readonly channels: Channels,
    private readonly reads: LogReads,
    private readonly telemetry: RealtimeTelemetry,
  ) {
    channels.onOpened = (state) => this.gap(state, state.wanted);
  }

  /** Something up to `seq` exists beyond what was forwarded. @param announced the fan-out brings no events, so that none was lost */
  gap(state: ChannelState, seq: number, announced = false): void {
    state.wanted = Math.max(state.wanted, seq);
    if (announced) state.announced = Math.max(state.announced, seq);
    if (!state.filling && !state.gone && state.wanted > state.last) void this.fill(state);
  }

  /** Resolves when the channel has forwarded up to `seq`, or has lost its position. @throws VecheError unavailable when the log answers neither */
  async reach(state: ChannelState, seq: number): Promise<void> {
    this.gap(state, seq);
    const end = performance.now() + 2 * PATIENCE_MS;
    while (!state.gone && state.last < seq) {
      if (performance.now() > end) throw new VecheError('unavailable', 'the log cannot be read');
      await pause(5);
    }
  }

  rewound(state: ChannelState): void {
    this.lose(state, 'another epoch');
  }

  lose(state: ChannelState, cause: string): void {
    if (state.gone) return;
    this.channels.remove(state);
    this.telemetry.positionLost(state.name, cause);
    this.onLost(state);
  }

  private async fill(state: ChannelState): Promise<void> {
    state.filling = true;
    const from = state.last;
    let waited = 0;
    let retry = FIRST_RETRY_MS;
    while (!state.gone && state.wanted > state.last) {
      const before = state.last;
      const answered = await this.readOn(state);
      if (state.last > before || state.gone) continue;
      if (waited >= PATIENCE_MS) return this.lose(state, 'the log does not have what was announced');
      await pause(retry);
      // While the database is away nobody is sent away: all would come back at once, to be told to wait.
      if (answered) waited += retry;
      retry = Math.min(retry * 2, LONGEST_RETRY_MS);
    }
    state.filling = false;
    const lost = state.last - Math.max(from, state.announced);
    if (lost > 0) this.telemetry.gapFilled(state.name, lost);
  }

  /** @returns whether the log has answered */
  private async readOn(state: ChannelState): Promise<boolean> {
    const page = await this.reads.after(state.name, state.last, { atLeast: state.wanted }).catch((error: unknown) => this.failed(error));
    if (page === 'away') return false;
    if (page && !state.gone) this.take(state, page);
    return true;
  }

  /** Whatever has no word for clients is no outage, and must not be waited out in silence. */
  private failed(error: unknown): 'away' | undefined {
    if (error instanceof VecheError) return 'away';
    this.telemetry.unexpected(error, 'a gap cannot be read');
    return undefined;
  }

  private take(state: ChannelState, page: LogPage): void {
    if (page.epoch !== state.epoch && !isUnborn(state)) return this.lose(state, 'another epoch');
    if (page.first_seq > state.last + 1) return this.lose(state, 'trimmed while behind');
    for (const event of page.events) this.accept(event);
  }
}

/** Keeps no process alive: one that ends waits for no database. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
