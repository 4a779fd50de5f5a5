/** Events and signals between processes: a fan-out exchange and one bounded queue for each process with readers, which may drop its oldest. Never a binding a channel. */
import { type ChannelEvent, type Signal, VecheError } from '@veche/contracts';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, FanoutReader } from '../ports.ts';
import type { Broker, SupervisedChannel } from '../rabbitmq/broker.ts';
import { EventPublisher, EVENTS } from './event-publisher.ts';
import { FanoutReaders } from '../fanout/fanout-readers.ts';
import { Gaps } from '../fanout/gaps.ts';
import { declare, keepDeclared, type Topology } from '../rabbitmq/topology.ts';

export interface FanoutParts {
  readonly broker: Broker;
  readonly topology: Topology;
  /** Unique among all processes that ever were. */
  readonly process: string;
  readonly clock?: Clock;
}

export class RabbitFanout implements Fanout {
  private readonly publisher: EventPublisher;
  private readonly readers: FanoutReaders;
  private readonly gaps = new Gaps();
  private readonly clock: Clock;
  private channel: SupervisedChannel | undefined;
  private openings = 0;
  private started = false;
  private stopped = false;

  constructor(
    private readonly parts: FanoutParts,
    config: MessagingConfig,
    telemetry: MessagingTelemetry,
  ) {
    this.clock = parts.clock ?? systemClock;
    this.readers = new FanoutReaders(this.clock, telemetry);
    const to = { exchange: parts.topology.events.name, origin: parts.process, here: this.readers };
    this.publisher = new EventPublisher(parts.broker.publisher, to, config, telemetry);
    this.publisher.onUnbound = () => void this.rebind();
  }

  async publish(events: readonly ChannelEvent[]): Promise<void> {
    if (this.stopped) throw new VecheError('unavailable', 'the fan-out has stopped');
    await this.publisher.publish(events);
  }

  signal(signals: readonly Signal[]): void {
    if (!this.stopped) this.publisher.signal(signals);
  }

  /** A process without readers has no queue: every message to it would wake it for nothing, its own among them. */
  subscribe(reader: FanoutReader): () => void {
    const leave = this.readers.add(reader);
    // Late: what was published until now is not coming.
    if (this.started && !this.stopped && !this.channel)
      void this.join()
        .ready()
        .then(
          () => this.missed(),
          () => undefined,
        );
    return leave;
  }

  async start(): Promise<void> {
    if (this.stopped) return;
    this.started = true;
    if (!this.readers.isEmpty) await this.join().ready();
  }

  // oxlint-disable-next-line typescript/require-await -- the port's form
  async check(): Promise<void> {
    if (this.channel && !this.channel.raw) throw new VecheError('unavailable', 'the events of other processes are not heard: no channel to RabbitMQ');
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.publisher.drain();
    this.readers.stop();
    await this.channel?.close();
  }

  private join(): SupervisedChannel {
    this.channel ??= this.parts.broker.consuming('events', (raw) => this.open(raw));
    return this.channel;
  }

  /** A queue of its own each time: the one before may still be held by a connection that the broker takes for living. */
  private async open(raw: ConfirmChannel): Promise<void> {
    const part = this.parts.topology.eventPart(`${this.parts.process}.${++this.openings}`);
    const { name } = part.queues[0]!;
    await declare(raw, part);
    // Unacknowledged on purpose: an ack a batch buys nothing, since positions find what is lost, and the bound of the queue holds either way.
    await raw.consume(name, (message) => (message ? this.take(message) : void raw.close().catch(() => {})), { noAck: true });
    if (this.openings > 1) this.missed();
    keepDeclared(raw, part);
  }

  private take({ properties, content }: ConsumeMessage): void {
    // An echo: its readers were told when it left.
    if (this.stopped || properties.appId === this.parts.process) return;
    if (properties.type !== EVENTS) return this.readers.signals(content);
    const number = Number((properties.headers as { number?: unknown } | undefined)?.number);
    this.readers.events(content);
    if (this.gaps.gapBefore(String(properties.appId), number)) this.readers.interrupted();
  }

  private missed(): void {
    this.gaps.forget();
    this.readers.interrupted();
  }

  private async rebind(): Promise<void> {
    if (!this.stopped) await this.channel?.raw?.close().catch(() => {});
  }
}
