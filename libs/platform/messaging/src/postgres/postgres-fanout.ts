import type { ChannelEvent, Signal } from '@veche/contracts';
import type { Database, Listener } from '@veche/platform-postgres';
import { systemClock } from '../clock.ts';
import { FanoutReaders } from '../fanout/fanout-readers.ts';
import { ProcessFanout } from '../in-process/fanout.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, FanoutReader } from '../ports.ts';
import { NOTIFIED, Notifier } from './notifier.ts';
import { type Payload, parsePayload, SignalParts } from './payloads.ts';

/**
 * Joins processes by NOTIFY. Readers of the publishing process get the events themselves, those of others how far the logs reach, and read them there;
 * signals travel whole. For one or two pods: each event is read from the log once by each process that wants it.
 */
export class PostgresFanout implements Fanout {
  private readonly local: ProcessFanout;
  private readonly notifier: Notifier;
  /** Of what other processes say. */
  private readonly readers: FanoutReaders;
  private readonly parts = new SignalParts();
  private leave: (() => Promise<void>) | undefined;

  constructor(
    config: MessagingConfig,
    telemetry: MessagingTelemetry,
    database: Pick<Database, 'query'>,
    private readonly listener: Listener,
  ) {
    this.readers = new FanoutReaders(systemClock, telemetry);
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
    const leave = [this.local.subscribe(reader), this.readers.add(reader)];
    return () => leave.forEach((each) => each());
  }

  /** Publishing goes on without the listener, and others hear it: what is not heard here is found by position. */
  async check(): Promise<void> {
    await this.listener.check();
  }

  async stop(): Promise<void> {
    await this.notifier.stop();
    await this.local.stop();
    this.readers.stop();
    const leave = this.leave;
    this.leave = undefined;
    await leave?.();
  }

  private hear(text: string): void {
    const payload = parsePayload(text);
    if (!payload || payload.from === this.notifier.writer.name) return;
    if ('heads' in payload) this.readers.advanced(payload.heads);
    else this.hearSignals(payload);
  }

  private hearSignals(payload: Extract<Payload, { readonly parts: number }>): void {
    const records = this.parts.take(payload);
    if (records) this.readers.signals(records);
  }

  private interrupted(): void {
    this.parts.drop();
    this.readers.interrupted();
  }
}
