import type { ChannelEvent, Signal } from '@veche/contracts';
import type { Database, Listener } from '@veche/platform-postgres';
import { ProcessFanout } from '../in-process/fanout.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, FanoutReader, Head } from '../ports.ts';
import { decodeSignals } from '../records/event-records.ts';
import { NOTIFIED, Notifier } from './notifier.ts';
import { type Payload, parsePayload, SignalParts } from './payloads.ts';

/**
 * Joins processes by NOTIFY. Readers of the publishing process get the events themselves, those of others how far the logs reach, and read them there;
 * signals travel whole. For one or two pods: each event is read from the log once by each process that wants it.
 */
export class PostgresFanout implements Fanout {
  private readonly local: ProcessFanout;
  private readonly notifier: Notifier;
  private readonly readers = new Set<FanoutReader>();
  private readonly parts = new SignalParts();
  private leave: (() => Promise<void>) | undefined;

  constructor(
    config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
    database: Pick<Database, 'query'>,
    private readonly listener: Listener,
  ) {
    this.local = new ProcessFanout(config, telemetry);
    this.notifier = new Notifier(config, telemetry, database);
  }

  async start(): Promise<void> {
    this.leave ??= await this.listener.listen(NOTIFIED, { notified: (text) => this.hear(text), interrupted: () => this.interrupted() });
  }

  async publish(events: readonly ChannelEvent[]): Promise<void> {
    if (events.length === 0) return;
    // Both taken in this call: what is published before a stop is sent.
    await Promise.all([this.local.publish(events), this.notifier.publish(events)]);
  }

  signal(signals: readonly Signal[]): void {
    this.local.signal(signals);
    this.notifier.signal(signals);
  }

  subscribe(reader: FanoutReader): () => void {
    const leave = this.local.subscribe(reader);
    this.readers.add(reader);
    return () => {
      leave();
      this.readers.delete(reader);
    };
  }

  /** Publishing goes on without the listener, and others hear it: what is not heard here is found by position. */
  async check(): Promise<void> {
    await this.listener.check();
  }

  async stop(): Promise<void> {
    await this.notifier.stop();
    await this.local.stop();
    this.readers.clear();
    const leave = this.leave;
    this.leave = undefined;
    await leave?.();
  }

  private hear(text: string): void {
    const payload = parsePayload(text);
    if (!payload || payload.from === this.notifier.writer.name) return;
    if ('heads' in payload) this.each((reader) => tellHeads(reader, payload.heads));
    else this.hearSignals(payload);
  }

  private hearSignals(payload: Extract<Payload, { readonly parts: number }>): void {
    const records = this.parts.take(payload);
    if (records) this.each((reader) => tellSignals(reader, records));
  }

  private interrupted(): void {
    this.parts.drop();
    this.each((reader) => reader.interrupted());
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

function tellHeads(reader: FanoutReader, heads: readonly Head[]): void {
  const wanted = heads.filter(({ channel }) => reader.wants(channel));
  if (wanted.length > 0) reader.advanced(wanted);
}

function tellSignals(reader: FanoutReader, records: Buffer): void {
  const wanted = decodeSignals(records, (channel) => reader.wants(channel));
  if (wanted.length > 0) reader.signals(wanted);
}
