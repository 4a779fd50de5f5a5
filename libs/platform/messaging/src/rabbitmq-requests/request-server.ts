/** The answering side of requests: the processes of a service share one queue, each takes a bounded number at a time. */
import { VecheError } from '@veche/contracts';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Handlers } from '../ports.ts';
import type { Broker } from '../rabbitmq/broker.ts';
import { Consumer } from '../rabbitmq/consumer.ts';
import { serviceOf } from '../service.ts';
import { Overload } from './overload.ts';
import { answerBody, answerProperties, questionFrom, type ReceivedQuestion, refusalBody } from './request-records.ts';
import { processOf } from '../rabbitmq/replies.ts';
import { SenderClocks } from '../rabbitmq/sender-clocks.ts';
import type { Topology } from '../rabbitmq/topology.ts';

type RequestHandlers = Handlers['requests'];

export interface RequestServerParts {
  readonly broker: Broker;
  readonly topology: Topology;
  readonly clock?: Clock;
}

export class RequestServer {
  private readonly lanes: ServiceLane[] = [];
  private readonly clocks = new SenderClocks();

  constructor(
    private readonly parts: RequestServerParts,
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {}

  /** Resolves once every service that has handlers here takes questions. */
  async serve(handlers: RequestHandlers): Promise<void> {
    const services = Map.groupBy(handlers.keys(), serviceOf);
    for (const [service, kinds] of services)
      this.lanes.push(new ServiceLane({ ...this.parts, clocks: this.clocks, service, kinds, handlers }, this.config, this.telemetry));
    await Promise.all(this.lanes.map((lane) => lane.ready()));
  }

  /** Takes no more, answers what it took. */
  async stop(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
  }
}

interface LaneParts extends RequestServerParts {
  readonly clocks: SenderClocks;
  readonly service: string;
  readonly kinds: readonly string[];
  readonly handlers: RequestHandlers;
}

class ServiceLane {
  private readonly consumer: Consumer;
  private readonly overload: Overload;
  private readonly clock: Clock;
  private readonly queue: string;

  constructor(
    private readonly parts: LaneParts,
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {
    const { broker, topology, service, kinds } = parts;
    const part = topology.requestPart(service, kinds);
    this.clock = parts.clock ?? systemClock;
    this.queue = part.queues[0]!.name;
    this.overload = new Overload(config.RPC_BACKLOG);
    this.consumer = new Consumer(broker, telemetry, {
      shape: 'request',
      queue: this.queue,
      prefetch: config.RPC_CONSUMER_PREFETCH,
      part,
      handle: (message, raw) => this.take(message, raw),
    });
  }

  async ready(): Promise<void> {
    await this.consumer.ready();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }

  private async take(message: ConsumeMessage, raw: ConfirmChannel): Promise<'ack'> {
    const question = questionFrom(message);
    // Its asker has given up: to begin now would cost others their answer.
    if (this.deadlineOf(question) <= this.clock.now()) {
      this.telemetry.requestExpired(this.parts.service);
      return 'ack';
    }
    await this.look(raw);
    if (this.overload.sheds()) {
      this.telemetry.requestShed(this.parts.service);
      this.reply(question, refusalBody(new VecheError('unavailable', `${this.parts.service} is overloaded, try again after a pause`)), true);
    } else this.reply(question, await this.answer(question, message.content), false);
    return 'ack';
  }

  /** By our clock: what has waited in the broker has expired there, so this is about what waited here, in the buffer of a process that stood still. */
  private deadlineOf({ deadline, sentAt, replyTo }: ReceivedQuestion): number {
    if (sentAt === undefined || replyTo === undefined) return deadline;
    return deadline + this.parts.clocks.offset(processOf(replyTo), sentAt, this.clock.now());
  }

  /** Only a process that is as busy as it may be can have questions waiting. */
  private async look(raw: ConfirmChannel): Promise<void> {
    if (!this.overload.isDue(this.consumer.inFlight >= this.config.RPC_CONSUMER_PREFETCH, this.clock.now())) return;
    this.overload.saw((await raw.checkQueue(this.queue)).messageCount);
  }

  private async answer({ kind, traceparent }: ReceivedQuestion, content: Buffer): Promise<Buffer> {
    const handler = this.parts.handlers.get(kind);
    if (!handler) return refusalBody(new VecheError('unavailable', `nothing here answers ${kind}`));
    try {
      return answerBody(await handler(JSON.parse(content.toString()), traceparent));
    } catch (error) {
      if (error instanceof VecheError) return refusalBody(error);
      this.telemetry.requestFailed(kind, error);
      return refusalBody(new VecheError('internal'));
    }
  }

  /** Unconfirmed: an answer that is lost is a deadline that passes at the asker, and a second one would come too late. */
  private reply({ replyTo, messageId }: ReceivedQuestion, body: Buffer, overloaded: boolean): void {
    if (replyTo !== undefined) this.parts.broker.publisher.tell(this.parts.topology.replies.name, replyTo, body, answerProperties(messageId, overloaded));
  }
}
