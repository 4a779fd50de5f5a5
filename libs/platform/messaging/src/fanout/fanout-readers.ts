/** Those of this process who hear what the fan-out brings, decoded by each for the channels it wants. */
import type { Clock } from '../clock.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { FanoutReader, Head } from '../ports.ts';
import { decodeEvents, decodeSignals } from '../records/event-records.ts';

/** Checking all positions costs a query for all channels: a storm of losses is answered by one check a second. */
const BETWEEN_CHECKS_MS = 1000;

export class FanoutReaders {
  private readonly readers = new Set<FanoutReader>();
  private resting: (() => void) | undefined;
  private suspected = false;

  constructor(
    private readonly clock: Clock,
    private readonly telemetry: MessagingTelemetry,
  ) {}

  get isEmpty(): boolean {
    return this.readers.size === 0;
  }

  add(reader: FanoutReader): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }

  events(body: Buffer): void {
    this.each((reader) => {
      const batch = decodeEvents(body, (channel) => reader.wants(channel));
      if (batch.length > 0) reader.events(batch);
    });
  }

  signals(body: Buffer): void {
    this.each((reader) => {
      const batch = decodeSignals(body, (channel) => reader.wants(channel));
      if (batch.length > 0) reader.signals(batch);
    });
  }

  /** How far logs reach: what came is to be read there. */
  advanced(heads: readonly Head[]): void {
    this.each((reader) => {
      const wanted = heads.filter(({ channel }) => reader.wants(channel));
      if (wanted.length > 0) reader.advanced(wanted);
    });
  }

  /** Something may have been missed: at once, then at most once a second, and never not at all. */
  interrupted(): void {
    if (this.resting) {
      this.suspected = true;
      return;
    }
    this.resting = this.clock.after(BETWEEN_CHECKS_MS, () => {
      this.resting = undefined;
      if (this.suspected) this.interrupted();
    });
    this.suspected = false;
    this.each((reader) => reader.interrupted());
  }

  stop(): void {
    this.resting?.();
    this.resting = undefined;
    this.readers.clear();
  }

  /** A reader that throws has harmed itself only: it goes by positions and finds what it missed. */
  private each(tell: (reader: FanoutReader) => void): void {
    for (const reader of this.readers) {
      try {
        tell(reader);
      } catch (cause) {
        this.telemetry.readerFailed(cause);
      }
    }
  }
}
