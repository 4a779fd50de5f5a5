/** Events and signals to every reader of this process: encoded once, decoded by each for the channels it wants. */
import { type ChannelEvent, type Signal, VecheError } from '@veche/contracts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, FanoutReader } from '../ports.ts';
import { decodeEvents, decodeSignals, encodeEvents, encodeSignals } from '../records/event-records.ts';

export class ProcessFanout implements Fanout {
  private readonly readers = new Set<FanoutReader>();
  private events: Buffer[] = [];
  private signals: Buffer[] = [];
  private waitingSignals = 0;
  private scheduled = false;
  private stopped = false;

  constructor(
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {}

  // oxlint-disable-next-line typescript/require-await -- what encoding throws must come as a rejection
  async publish(events: readonly ChannelEvent[]): Promise<void> {
    if (this.stopped) throw new VecheError('unavailable', 'the fan-out has stopped');
    if (events.length === 0 || this.readers.size === 0) return;
    this.events.push(encodeEvents(events));
    this.schedule();
  }

  signal(signals: readonly Signal[]): void {
    if (this.stopped || this.readers.size === 0) return;
    const room = this.config.BUS_SIGNAL_BACKLOG - this.waitingSignals;
    const taken = signals.length > room ? signals.slice(0, room) : signals;
    if (taken.length < signals.length) this.telemetry.signalsDropped(signals.length - taken.length);
    if (taken.length === 0) return;
    this.signals.push(encodeSignals(taken));
    this.waitingSignals += taken.length;
    this.schedule();
  }

  subscribe(reader: FanoutReader): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
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
    this.readers.clear();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    // One pass for all that was published in this turn of the loop: readers write their sockets once.
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    const { events, signals } = this;
    this.events = [];
    this.signals = [];
    this.waitingSignals = 0;
    for (const reader of this.readers) {
      for (const body of events) this.hand(() => handEvents(reader, body));
      for (const body of signals) this.hand(() => handSignals(reader, body));
    }
  }

  /** A reader that throws has harmed itself only: it goes by positions and finds what it missed. */
  private hand(deliver: () => void): void {
    try {
      deliver();
    } catch (cause) {
      this.telemetry.readerFailed(cause);
    }
  }
}

function handEvents(reader: FanoutReader, body: Buffer): void {
  const batch = decodeEvents(body, (channel) => reader.wants(channel));
  if (batch.length > 0) reader.events(batch);
}

function handSignals(reader: FanoutReader, body: Buffer): void {
  const batch = decodeSignals(body, (channel) => reader.wants(channel));
  if (batch.length > 0) reader.signals(batch);
}
