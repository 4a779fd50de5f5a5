/** Events and signals to every reader of this process: encoded once, decoded by each for the channels it wants. */
import { type ChannelEvent, type Signal, VecheError } from '@veche/contracts';
import { systemClock } from '../clock.ts';
import { FanoutReaders } from '../fanout/fanout-readers.ts';
import { SignalBacklog } from '../fanout/signal-backlog.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, FanoutReader } from '../ports.ts';
import { encodeEvents } from '../records/event-records.ts';

export class ProcessFanout implements Fanout {
  private readonly readers: FanoutReaders;
  private readonly signals: SignalBacklog;
  private events: Buffer[] = [];
  private scheduled = false;
  private stopped = false;

  constructor(config: MessagingConfig, telemetry: MessagingTelemetry) {
    this.readers = new FanoutReaders(systemClock, telemetry);
    this.signals = new SignalBacklog(config, telemetry);
  }

  // oxlint-disable-next-line typescript/require-await -- what encoding throws must come as a rejection
  async publish(events: readonly ChannelEvent[]): Promise<void> {
    if (this.stopped) throw new VecheError('unavailable', 'the fan-out has stopped');
    if (events.length === 0 || this.readers.isEmpty) return;
    this.events.push(encodeEvents(events));
    this.schedule();
  }

  signal(signals: readonly Signal[]): void {
    if (!this.stopped && !this.readers.isEmpty && this.signals.add(signals)) this.schedule();
  }

  subscribe(reader: FanoutReader): () => void {
    return this.readers.add(reader);
  }

  // oxlint-disable-next-line typescript/require-await -- the port's form
  async start(): Promise<void> {}

  // oxlint-disable-next-line typescript/require-await -- the port's form
  async check(): Promise<void> {}

  /** Hands over what is waiting, then takes no more. */
  // oxlint-disable-next-line typescript/require-await -- the port's form
  async stop(): Promise<void> {
    this.flush();
    this.stopped = true;
    this.readers.stop();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // One pass for all that was published in this turn of the loop: readers write their sockets once.
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    const { events } = this;
    this.events = [];
    for (const body of events) this.readers.events(body);
    for (const body of this.signals.take().bodies) this.readers.signals(body);
  }
}
