/** The side of the doors: commands leave in batches, one in flight for each queue, and everyone is answered by the deadline. */
import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import { type Clock, systemClock } from '../clock.ts';
import { CommandCarrier } from '../commands/command-carrier.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { CommandBus } from '../ports.ts';
import type { Publisher } from '../rabbitmq/broker.ts';
import type { Replies } from '../rabbitmq/replies.ts';
import type { Topology } from '../rabbitmq/topology.ts';
import { HINDERED, OutgoingQueue } from './outgoing-queue.ts';
import { queueOfReply } from './reply-records.ts';

export interface SenderParts {
  readonly publisher: Publisher;
  readonly replies: Replies;
  readonly topology: Topology;
  readonly clock?: Clock;
}

export class CommandSender implements CommandBus {
  private readonly queues: readonly OutgoingQueue[];
  private readonly carrier: CommandCarrier;
  private readonly publisher: Publisher;
  private readonly replies: Replies;
  private waiters: (() => void)[] = [];

  constructor({ publisher, replies, topology, clock = systemClock }: SenderParts, config: MessagingConfig, telemetry: MessagingTelemetry) {
    this.publisher = publisher;
    this.replies = replies;
    const way = {
      publisher,
      clock,
      exchange: topology.commands.name,
      replyTo: () => this.replyTo(),
      untilFree: () => this.untilFree(),
      expect: replies.expect.bind(replies),
    };
    this.queues = Array.from({ length: config.BUS_COMMAND_QUEUES }, (_, index) => {
      const routingKey = topology.commandQueue(config.BUS_COMMAND_QUEUES, index);
      return new OutgoingQueue(index, { ...way, routingKey }, config, telemetry);
    });
    this.carrier = new CommandCarrier(this.queues, telemetry, clock);
    publisher.onHindered(() => this.look());
    replies.onChange = () => this.look();
    replies.onLate = (answer) => this.queues[queueOfReply(answer) ?? -1]?.heard();
  }

  send(command: CommandEnvelope): Promise<CommandReply> {
    return this.carrier.send(command);
  }

  /** From here on commands leave; those sent before have waited. */
  serve(): void {
    this.carrier.hindrance = () => (this.replyTo() === undefined ? { reason: 'hindered', answer: HINDERED } : undefined);
    for (const queue of this.queues) queue.serve();
  }

  /** Takes no more; resolves when everyone is answered, at their deadlines at the latest. */
  async stop(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.stop()));
    this.carrier.stop();
  }

  private replyTo(): string | undefined {
    return this.publisher.hindered === undefined ? this.replies.address : undefined;
  }

  private untilFree(): Promise<void> {
    if (this.replyTo() !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private look(): void {
    if (this.replyTo() !== undefined) for (const resolve of this.waiters.splice(0)) resolve();
  }
}
