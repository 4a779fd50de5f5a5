/**
 * Events and signals between processes over Redis Pub/Sub, which forgets at once what nobody hears.
 * One Redis channel for everything: what one turn of the loop brings is one message, and each process skips what it does not want.
 * Readers of the publishing process are told directly, so they hear no echo and need no Redis.
 */
import { randomBytes } from 'node:crypto';
import { type ChannelEvent, type Signal, VecheError } from '@veche/contracts';
import type { RedisClient } from '@veche/platform-redis';
import { systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, FanoutReader } from '../ports.ts';
import { FanoutReaders } from '../fanout/fanout-readers.ts';
import { Gaps } from '../fanout/gaps.ts';
import { SignalBacklog } from '../fanout/signal-backlog.ts';
import { encodeEvents } from '../records/event-records.ts';
import { ORIGIN_CHARS, readMessage } from './redis-message.ts';
import { RedisPublisher } from './redis-publisher.ts';
import { RedisSubscriber } from './redis-subscriber.ts';

/** Of one message; Redis copies it for every process. */
const MAX_MESSAGE_BYTES = 1_048_576;

export class RedisFanout implements Fanout {
  private readonly origin = randomBytes(ORIGIN_CHARS).toString('base64url').slice(0, ORIGIN_CHARS);
  private readonly readers: FanoutReaders;
  private readonly gaps = new Gaps();
  private readonly signals: SignalBacklog;
  private readonly publishing;
  private readonly publisher: RedisPublisher;
  private readonly subscriber: RedisSubscriber;
  private events: Buffer[] = [];
  private readerCount = 0;
  private scheduled = false;
  private stopped = false;

  constructor(
    redis: RedisClient,
    config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {
    const channel = redis.keys.fanout;
    this.readers = new FanoutReaders(systemClock, telemetry);
    this.signals = new SignalBacklog(config, telemetry);
    this.publishing = redis.open('publish');
    this.publisher = new RedisPublisher(this.publishing, { channel, origin: this.origin }, telemetry);
    this.subscriber = new RedisSubscriber(redis.open('subscribe'), channel, { message: (body) => this.hear(body), resumed: () => this.resumed() });
  }

  /** Resolves although Redis may lose the events: other processes find them by position, and no sender waits for Redis or hears of its loss. */
  // oxlint-disable-next-line typescript/require-await -- what encoding throws must come as a rejection
  async publish(events: readonly ChannelEvent[]): Promise<void> {
    if (this.stopped) throw new VecheError('unavailable', 'the fan-out has stopped');
    if (events.length === 0) return;
    this.events.push(encodeEvents(events));
    this.schedule();
  }

  signal(signals: readonly Signal[]): void {
    if (!this.stopped && this.signals.add(signals)) this.schedule();
  }

  subscribe(reader: FanoutReader): () => void {
    const leave = this.readers.add(reader);
    let here = true;
    if (++this.readerCount === 1) this.subscriber.want(true);
    return () => {
      leave();
      if (here && --this.readerCount === 0) this.subscriber.want(false);
      here = false;
    };
  }

  async start(): Promise<void> {
    if (!this.stopped) await Promise.all([this.publishing.start(), this.subscriber.start()]);
  }

  /** Never rejects: without Redis this process still serves everybody, what others publish arrives by the position check. A pod less would serve nobody better. */
  // oxlint-disable-next-line typescript/require-await -- the port's form
  async check(): Promise<void> {}

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.flush();
    this.readers.stop();
    await this.publisher.drain();
    await Promise.all([this.publishing.stop(), this.subscriber.stop()]);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    const { events } = this;
    this.events = [];
    const signals = this.signals.take();
    for (const body of events) this.readers.events(body);
    for (const part of parts(events)) this.publisher.send('events', part);
    for (const body of signals.bodies) this.readers.signals(body);
    for (const part of parts(signals.bodies)) if (!this.publisher.send('signals', part)) this.telemetry.signalsDropped(signals.count);
  }

  private hear(body: Buffer): void {
    const message = readMessage(body);
    if (!message || message.origin === this.origin || this.stopped) return;
    if (message.kind === 'events') this.readers.events(message.records);
    else if (message.kind === 'signals') this.readers.signals(message.records);
    if (this.gaps.gapBefore(message.origin, message.number)) this.readers.interrupted();
  }

  private resumed(): void {
    this.gaps.forget();
    this.readers.interrupted();
  }
}

/** In messages of a bounded size; one body is never divided. */
function parts(bodies: readonly Buffer[]): Buffer[][] {
  const all: Buffer[][] = [];
  let bytes = MAX_MESSAGE_BYTES;
  for (const body of bodies) {
    if (bytes + body.length > MAX_MESSAGE_BYTES) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)!.push(body);
    bytes += body.length;
  }
  return all;
}
