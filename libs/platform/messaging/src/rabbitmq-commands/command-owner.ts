/**
 * The side of the owner: consumes every command queue, of which the broker lets it take those where it stands first, and steps behind where another
 * should. Two owners at one queue for a moment harm nothing: the log's lock and its idempotency decide, not the broker.
 */
import type { CommandReply } from '@veche/contracts';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { type Clock, systemClock } from '../clock.ts';
import { Outage } from '../commands/outage.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor } from '../ports.ts';
import type { Broker, SupervisedChannel } from '../rabbitmq/broker.ts';
import { declare, keepDeclared, type Part, type Topology } from '../rabbitmq/topology.ts';
import { lastWords } from '../rabbitmq/last-words.ts';
import { processOf } from '../rabbitmq/replies.ts';
import { SenderClocks } from '../rabbitmq/sender-clocks.ts';
import { HeldBody } from './held-body.ts';
import { OwnerLane } from './owner-lane.ts';
import { Owners } from './owners.ts';
import { repliesBody, repliesProperties } from './reply-records.ts';
import { keyOf, stepsBehind } from './shares.rules.ts';

/** Bodies delivered ahead on each queue: those of other processes arrive while a batch is being committed, and share the next. */
const PREFETCH = 8;
/** Owners who do not know each other yet step behind in any order; by then all do, and have. */
const SETTLED_MS = 1000;

export interface OwnerParts {
  readonly broker: Broker;
  readonly topology: Topology;
  /** Unique among all processes that ever were. */
  readonly process: string;
  readonly clock?: Clock;
}

interface Consumed {
  readonly index: number;
  readonly queue: string;
  readonly lane: OwnerLane;
  tag: string | undefined;
  /** Whom it was left to last. */
  steppedFor: string | undefined;
  steppedAt: number;
}

export class CommandOwner {
  private readonly part: Part;
  private readonly queues: readonly Consumed[];
  private readonly owners: Owners;
  private readonly outage: Outage;
  private readonly clock: Clock;
  private readonly clocks = new SenderClocks();
  private channel: SupervisedChannel | undefined;
  private incarnations = 0;
  private stopped = false;

  constructor(
    private readonly parts: OwnerParts,
    config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
    processor: BatchProcessor,
  ) {
    const { topology, clock = systemClock } = parts;
    this.clock = clock;
    this.part = topology.commandPart(config.BUS_COMMAND_QUEUES);
    this.outage = new Outage(clock, telemetry);
    this.outage.probe = processor.probe?.bind(processor);
    this.outage.onChange = (known) => this.queues.forEach(({ lane }) => (known ? lane.ownerAway() : lane.ownerBack()));
    const laneParts = { config, telemetry, clock, outage: this.outage, processor, reply: this.reply.bind(this) };
    this.queues = Array.from({ length: config.BUS_COMMAND_QUEUES }, (_, index) => ({
      index,
      queue: topology.commandQueue(config.BUS_COMMAND_QUEUES, index),
      lane: new OwnerLane(laneParts),
      tag: undefined,
      steppedFor: undefined,
      steppedAt: Number.NEGATIVE_INFINITY,
    }));
    this.owners = new Owners({ ...parts, clock });
    this.owners.onChange = () => this.share();
  }

  /** Resolves once it stands at every queue. @throws VecheError `conflict` when a queue exists with other arguments */
  async start(): Promise<void> {
    const channel = this.parts.broker.consuming('commands', (raw) => this.open(raw));
    this.channel = channel;
    channel.onReady = () => this.owners.consuming(++this.incarnations);
    channel.onLost = () => this.owners.consuming(undefined);
    await channel.ready();
    await this.owners.start();
  }

  /** A batch that fails from here on is left to another owner. */
  stopRetrying(): void {
    for (const { lane } of this.queues) lane.stop();
  }

  /** Takes no more, finishes what it took: commit, events, replies, acks. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.stopRetrying();
    this.outage.stop();
    const raw = this.channel?.raw;
    await this.owners.stop();
    await Promise.all(this.queues.map(async ({ tag }) => raw && tag !== undefined && lastWords(raw.cancel(tag))));
    await Promise.all(this.queues.map(({ lane }) => lane.idle()));
    await this.channel?.close();
  }

  private async open(raw: ConfirmChannel): Promise<void> {
    raw.on('close', () => this.queues.forEach(({ lane }) => lane.lost(raw)));
    await declare(raw, this.part);
    await raw.prefetch(PREFETCH);
    await Promise.all(this.queues.map((consumed) => this.consume(consumed, raw)));
    keepDeclared(raw, this.part);
  }

  private async consume(consumed: Consumed, raw: ConfirmChannel): Promise<void> {
    if (this.stopped) return;
    consumed.tag = undefined;
    const { consumerTag } = await raw.consume(consumed.queue, (message) => {
      if (message) this.take(message, consumed, raw);
      else void this.again(consumed, raw);
    });
    consumed.tag = consumerTag;
  }

  private take(message: ConsumeMessage, consumed: Consumed, raw: ConfirmChannel): void {
    this.leaveToItsOwner(consumed);
    try {
      consumed.lane.take(this.held(message, raw));
    } catch (cause) {
      this.telemetry.bodyRefused(cause);
      raw.nack(message, false, false);
    }
  }

  /** @throws RangeError or SyntaxError when the content is no batch of commands */
  private held(message: ConsumeMessage, raw: ConfirmChannel): HeldBody {
    const body = new HeldBody(message, raw);
    const { replyTo, sentAt } = body;
    if (replyTo !== undefined && sentAt !== undefined) body.readClock(this.clocks.offset(processOf(replyTo), sentAt, this.clock.now()));
    return body;
  }

  /** Cancelled by the broker: the queue was deleted, or its leader has moved. What fails closes the channel, and its successor does it. */
  private async again(consumed: Consumed, raw: ConfirmChannel): Promise<void> {
    if (this.stopped) return;
    this.telemetry.consumerCancelled(consumed.queue);
    try {
      await declare(raw, this.part);
      await this.consume(consumed, raw);
      this.share();
    } catch {
      await raw.close().catch(() => {});
    }
  }

  private share(): void {
    const { process } = this.parts;
    let mine = 0;
    for (const consumed of this.queues) {
      const owner = this.owners.ownerOf(consumed.index);
      if (owner?.process === process) mine++;
      // On its way behind others already, though not surely behind this one: looked at again when it stands there.
      if (consumed.tag === undefined) continue;
      if (stepsBehind(process, owner, consumed.steppedFor)) void this.stepBehind(consumed);
      consumed.steppedFor = owner && owner.process !== process ? keyOf(owner) : undefined;
    }
    this.telemetry.queuesShared(mine);
  }

  /** What comes here although it is another's queue: somebody stepped behind him again, not knowing of him yet. */
  private leaveToItsOwner(consumed: Consumed): void {
    const owner = this.owners.ownerOf(consumed.index);
    if (!owner || owner.process === this.parts.process || this.clock.now() - consumed.steppedAt < SETTLED_MS) return;
    void this.stepBehind(consumed);
  }

  /** Cancelled first: from then on the other takes what comes, while this one finishes what it has. */
  private async stepBehind(consumed: Consumed): Promise<void> {
    const raw = this.channel?.raw;
    const { tag } = consumed;
    if (!raw || tag === undefined || this.stopped) return;
    consumed.tag = undefined;
    consumed.steppedAt = this.clock.now();
    try {
      await raw.cancel(tag);
      await consumed.lane.idle();
      if (this.channel?.raw !== raw) return;
      await this.consume(consumed, raw);
    } catch {
      // The channel has ended; its successor consumes everything, behind the others.
      return;
    }
    this.share();
  }

  /** Unconfirmed: a reply that gets lost is a command resent, and answered from the log. */
  private reply(body: HeldBody, replies: readonly CommandReply[]): void {
    if (body.replyTo === undefined) return;
    const { broker, topology } = this.parts;
    const [content, properties] = [repliesBody(replies), repliesProperties(body.id)];
    if (broker.publisher.tell(topology.replies.name, body.replyTo, content, properties)) return;
    // No room in the buffer: it waits for some.
    void broker.publisher.publish(topology.replies.name, body.replyTo, content, { ...properties, messageId: `r.${body.id}` });
  }
}
