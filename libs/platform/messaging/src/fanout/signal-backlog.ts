/** Signals that wait to leave with the next message: bounded, because what is typed or who came must never make a slow process slower. */
import type { Signal } from '@veche/contracts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import { encodeSignals } from '../records/event-records.ts';

export class SignalBacklog {
  private bodies: Buffer[] = [];
  private waiting = 0;

  constructor(
    private readonly config: Pick<MessagingConfig, 'BUS_SIGNAL_BACKLOG'>,
    private readonly telemetry: MessagingTelemetry,
  ) {}

  /** What there is no room for is dropped and counted; false when nothing was taken. */
  add(signals: readonly Signal[]): boolean {
    const room = this.config.BUS_SIGNAL_BACKLOG - this.waiting;
    const taken = signals.length > room ? signals.slice(0, room) : signals;
    if (taken.length < signals.length) this.telemetry.signalsDropped(signals.length - taken.length);
    if (taken.length === 0) return false;
    this.bodies.push(encodeSignals(taken));
    this.waiting += taken.length;
    return true;
  }

  /** All that waits, encoded; nothing waits afterwards. */
  take(): { readonly bodies: readonly Buffer[]; readonly count: number } {
    const { bodies, waiting: count } = this;
    this.bodies = [];
    this.waiting = 0;
    return { bodies, count };
  }
}
