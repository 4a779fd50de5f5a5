/**
 * One consumer of a shared queue, on a channel of its own that comes back by itself. What a delivery ends with goes to the raw channel that it
 * came on: on a later one the same number is somebody else's message.
 */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { ConsumedShape, MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Broker, SupervisedChannel } from './broker.ts';
import { lastWords } from './last-words.ts';
import { declare, keepDeclared, type Part } from './topology.ts';

/** `leave`: neither; it comes again when its channel ends. */
export type Ending = 'ack' | 'leave';

export interface Consumption {
  readonly shape: ConsumedShape;
  readonly queue: string;
  /** Deliveries that are not acknowledged at a time. */
  readonly prefetch: number;
  readonly part: Part;
  /** A throw is a bug of ours: the message goes to the dead queue, if its queue has one, for it would throw again. */
  readonly handle: (message: ConsumeMessage, raw: ConfirmChannel) => Promise<Ending>;
}

export class Consumer {
  inFlight = 0;
  private readonly channel: SupervisedChannel;
  /** Deliveries come before the channel counts as ready, so this is not the channel's own word. */
  private current: ConfirmChannel | undefined;
  private kept: ConfirmChannel | undefined;
  private tag: string | undefined;
  private stopped = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    broker: Broker,
    private readonly telemetry: MessagingTelemetry,
    private readonly consumption: Consumption,
  ) {
    this.channel = broker.consuming(consumption.queue, (raw) => this.open(raw));
    this.channel.onLost = () => (this.current = undefined);
  }

  /** Whether deliveries of this channel can still be settled. */
  isCurrent(raw: ConfirmChannel): boolean {
    return this.current === raw;
  }

  get isUp(): boolean {
    return this.channel.raw !== undefined;
  }

  async ready(): Promise<void> {
    await this.channel.ready();
  }

  /** What it uses is there again, if somebody deleted it; what fails closes the channel, and the next one declares. */
  async redeclare(): Promise<void> {
    const { raw } = this.channel;
    if (raw) await declare(raw, this.consumption.part).catch(() => {});
  }

  /** Takes no more, finishes what it took, then closes. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    const { raw } = this.channel;
    if (raw && this.tag !== undefined) await lastWords(raw.cancel(this.tag));
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
    await this.channel.close();
  }

  private async open(raw: ConfirmChannel): Promise<void> {
    const { part, prefetch } = this.consumption;
    await declare(raw, part);
    await raw.prefetch(prefetch);
    this.current = raw;
    if (this.stopped) return;
    await this.consume(raw);
    // Once a channel: it is opened again on the same one after a cancellation.
    if (this.kept !== raw) keepDeclared((this.kept = raw), part);
  }

  private async consume(raw: ConfirmChannel): Promise<void> {
    const { consumerTag } = await raw.consume(this.consumption.queue, (message) => {
      if (message) void this.take(message, raw);
      else void this.again(raw);
    });
    this.tag = consumerTag;
  }

  /** Cancelled by the broker: the queue was deleted, or its leader has moved. Declared and consumed again; what fails closes the channel, and the next one does it. */
  private async again(raw: ConfirmChannel): Promise<void> {
    if (this.stopped || !this.isCurrent(raw)) return;
    this.telemetry.consumerCancelled(this.consumption.queue);
    await this.open(raw).catch(() => raw.close().catch(() => {}));
  }

  private async take(message: ConsumeMessage, raw: ConfirmChannel): Promise<void> {
    const { shape, handle } = this.consumption;
    this.inFlight++;
    this.telemetry.delivered(shape);
    let result: 'ack' | 'nack' | 'left';
    try {
      // Asynchronous, so that what a handler throws cannot reach the socket's reader.
      await Promise.resolve();
      const ending = await handle(message, raw);
      result = ending === 'ack' ? onChannel('ack', () => raw.ack(message)) : 'left';
    } catch (cause) {
      this.telemetry.deliveryFailed(this.consumption.queue, cause);
      result = onChannel('nack', () => raw.nack(message, false, false));
    }
    this.telemetry.settled(shape, result);
    this.inFlight--;
    if (this.inFlight === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}

/** `left` on a channel that has ended: the broker delivers the message again, and its effect is idempotent. */
function onChannel<Result>(result: Result, settle: () => void): Result | 'left' {
  try {
    settle();
    return result;
  } catch {
    return 'left';
  }
}
