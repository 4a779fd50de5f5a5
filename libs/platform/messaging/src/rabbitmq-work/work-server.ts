/** Does units of work: one consumer a service and class, one gate for all of them, and the way up the ladder for what fails. */
import type { ConsumeMessage } from 'amqplib';
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Handlers, WorkUnit } from '../ports.ts';
import type { Broker } from '../rabbitmq/broker.ts';
import { Consumer, type Ending } from '../rabbitmq/consumer.ts';
import { serviceOf } from '../service.ts';
import { causeOf, nextStep, type Past, pastOf, withFailure } from './ladder.ts';
import { type Part, type Topology, WORK_CLASSES, type WorkClass } from '../rabbitmq/topology.ts';
import { WorkGate } from './work-gate.ts';
import { laterProperties, unitOf } from './work-records.ts';

const BETWEEN_TRIES_MS = 200;

export interface WorkServerParts {
  readonly broker: Broker;
  readonly topology: Topology;
  readonly clock?: Clock;
}

export class WorkServer {
  private readonly gate: WorkGate;
  private readonly clock: Clock;
  private handlers: Handlers['work'] = new Map();
  private consumers: Consumer[] = [];
  private stopped = false;

  constructor(
    private readonly parts: WorkServerParts,
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {
    this.gate = new WorkGate(config.RPC_CONSUMER_PREFETCH);
    this.clock = parts.clock ?? systemClock;
  }

  /** Resolves once the work of every service that has handlers here is taken. */
  async serve(handlers: Handlers['work']): Promise<void> {
    this.handlers = handlers;
    const services = Map.groupBy(handlers.keys(), serviceOf);
    this.consumers = [...services].flatMap(([service, kinds]) => WORK_CLASSES.map((workClass) => this.consumer(service, kinds, workClass)));
    await Promise.all(this.consumers.map((consumer) => consumer.ready()));
  }

  /** Takes no more, finishes what it took. What still climbs the ladder is the broker's. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  private consumer(service: string, kinds: readonly string[], workClass: WorkClass): Consumer {
    const { broker, topology } = this.parts;
    const consumer = new Consumer(broker, this.telemetry, {
      shape: 'work',
      queue: topology.workQueue(service, workClass),
      prefetch: this.gate.share(workClass),
      part: joined(topology.workPart(service, kinds), topology.retryPart(this.config.RPC_RETRY_DELAYS_MS)),
      handle: (message, raw) =>
        new Promise((resolve, reject) => this.gate.run(workClass, () => this.take(message, () => consumer.isCurrent(raw)).then(resolve, reject))),
    });
    return consumer;
  }

  /** @param isMine while the delivery can still be acknowledged */
  private async take(message: ConsumeMessage, isMine: () => boolean): Promise<Ending> {
    // Waited for its turn while its channel was lost: another consumer has it by now.
    if (!isMine()) return 'leave';
    const past = pastOf(message.properties);
    const unit = unitOf(message.content);
    if (!unit) return this.bury(message, withFailure(past, this.failure('not a unit of work')), isMine);
    if (past.attempts > this.config.RPC_MAX_RETRIES) return this.given(message, unit, past, isMine);
    return this.attempt(message, unit, past, isMine);
  }

  private async attempt(message: ConsumeMessage, unit: WorkUnit, past: Past, isMine: () => boolean): Promise<Ending> {
    const began = this.clock.now();
    try {
      const handler = this.handlers.get(unit.kind);
      // Bound by a release that could: another process may still, at a later attempt.
      if (!handler) throw new Error(`nothing here does ${unit.kind}`);
      await handler(unit);
      this.telemetry.workDone(unit.kind, unit.class, past.attempts, this.clock.now() - began);
      return 'ack';
    } catch (cause) {
      const failed = withFailure(past, this.failure(cause));
      const next = nextStep(failed.attempts, this.config.RPC_MAX_RETRIES, this.config.RPC_RETRY_DELAYS_MS);
      if (next.do === 'bury') {
        this.telemetry.workDead(unit.kind, unit.class, failed.attempts, cause);
        return this.bury(message, failed, isMine);
      }
      this.telemetry.workRetried(unit.kind, unit.class, failed.attempts, next.delayMs, cause);
      return this.moved(this.parts.topology.retryExchange(next.delayMs).name, message.fields.routingKey, { message, past: failed, isMine });
    }
  }

  private given(message: ConsumeMessage, { kind, class: workClass }: WorkUnit, past: Past, isMine: () => boolean): Promise<Ending> {
    const failure = this.failure('its process or connection ended during the last attempt');
    this.telemetry.workDead(kind, workClass, past.attempts, failure.cause);
    return this.bury(message, { ...past, history: [...past.history, failure] }, isMine);
  }

  private async bury(message: ConsumeMessage, past: Past, isMine: () => boolean): Promise<Ending> {
    const dead = this.parts.topology.deadQueue('work');
    return this.moved(this.parts.topology.dead.name, dead.name, { message, past, isMine });
  }

  /** Stored at its next place first, acknowledged at this one then: between the two it is in both, and never in none. */
  private async moved(exchange: string, key: string, { message, past, isMine }: Move): Promise<Ending> {
    const properties = laterProperties(message, past);
    while (isMine()) {
      const outcome = await this.parts.broker.publisher.publish(exchange, key, message.content, properties);
      if (outcome === 'confirmed') return 'ack';
      this.telemetry.workStuck(exchange, outcome);
      // A process that stops does not wait for a broker that does not come back: the delivery stays the broker's.
      if (this.stopped) break;
      await this.consumers[0]?.redeclare();
      await new Promise<void>((resolve) => void this.clock.after(BETWEEN_TRIES_MS, resolve));
    }
    return 'leave';
  }

  private failure(cause: unknown): { readonly at: number; readonly cause: string } {
    return { at: this.clock.now(), cause: causeOf(cause) };
  }
}

interface Move {
  readonly message: ConsumeMessage;
  readonly past: Past;
  readonly isMine: () => boolean;
}

const joined = (one: Part, other: Part): Part => ({ exchanges: [...one.exchanges, ...other.exchanges], queues: [...one.queues, ...other.queues] });
