/** The owner's end of one command queue: one batch at a time, put together from the bodies that have arrived. */
import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import type { ConfirmChannel } from 'amqplib';
import type { Clock } from '../clock.ts';
import type { Outage } from '../commands/outage.ts';
import { AWAY } from '../commands/pending-command.ts';
import { type Retried, RetryInPlace } from '../commands/retry-in-place.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor } from '../ports.ts';
import type { HeldBody, HeldCommand } from './held-body.ts';

export interface LaneParts {
  readonly config: MessagingConfig;
  readonly telemetry: MessagingTelemetry;
  readonly clock: Clock;
  readonly outage: Outage;
  readonly processor: BatchProcessor;
  /** To the process that sent the body. */
  readonly reply: (body: HeldBody, replies: readonly CommandReply[]) => void;
}

export class OwnerLane {
  private waiting: HeldBody[] = [];
  private inFlight: readonly HeldBody[] = [];
  private running: Promise<void> | undefined;
  private readonly retry: RetryInPlace;

  constructor(private readonly parts: LaneParts) {
    this.retry = new RetryInPlace(parts.clock, parts.telemetry, parts.outage);
  }

  take(body: HeldBody): void {
    if (this.parts.outage.isKnown && this.turnAway(body)) return;
    this.waiting.push(body);
    this.running ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.drain());
  }

  /** Its bodies come again, here or elsewhere. What is being processed is committed and answered all the same. */
  lost(raw: ConfirmChannel): void {
    for (const body of [...this.inFlight, ...this.waiting]) if (body.isOf(raw)) body.lost = true;
    this.waiting = this.waiting.filter(({ lost }) => !lost);
  }

  /**
   * Answers everybody: what certainly nobody touched is refused and done with; of the rest nobody knows, and it is tried on until its deadlines:
   * it may have been committed and not yet been told.
   */
  ownerAway(): void {
    for (const body of this.inFlight) this.parts.reply(body, body.replies);
    this.waiting = this.waiting.filter((body) => !this.turnAway(body));
  }

  ownerBack(): void {
    this.retry.wake();
  }

  /** Resolves when nothing is held. */
  async idle(): Promise<void> {
    await this.running;
  }

  /** A batch that fails from here on is left to another owner. */
  stop(): void {
    this.retry.stop();
  }

  private turnAway(body: HeldBody): boolean {
    if (!body.untouched) {
      this.parts.reply(body, body.replies);
      return false;
    }
    const answers = body.replies.map(() => AWAY);
    for (const _ of answers) this.parts.telemetry.commandRefused('away');
    this.parts.reply(body, answers);
    body.ack();
    return true;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      this.inFlight = this.takeBatch();
      await this.retry.deliver(new BodiesBatch(this.inFlight, this.parts.clock), this.parts.processor, this.inFlight[0]!.attempt);
      for (const body of this.inFlight) this.finish(body);
      this.inFlight = [];
    }
    this.running = undefined;
  }

  /** Several bodies share a transaction; one that has failed before goes alone, so that it takes nobody with it. */
  private takeBatch(): HeldBody[] {
    const batch = [this.waiting.shift()!];
    let [commands, bytes] = [batch[0]!.size, batch[0]!.bytes];
    while (batch[0]!.attempt === 1 && this.waiting[0]?.attempt === 1) {
      commands += this.waiting[0].size;
      bytes += this.waiting[0].bytes;
      if (commands > this.parts.config.BUS_BATCH_COMMANDS || bytes > this.parts.config.BUS_BATCH_BYTES) break;
      batch.push(this.waiting.shift()!);
    }
    return batch;
  }

  /** The acknowledgement is last of all: until then a crash brings the body again. */
  private finish(body: HeldBody): void {
    // Never processed here, and not ours to answer any more.
    if (body.lost && !body.answered) return;
    this.parts.reply(body, body.replies);
    body.ack();
  }
}

class BodiesBatch implements Retried<HeldCommand> {
  constructor(
    private readonly bodies: readonly HeldBody[],
    private readonly clock: Clock,
  ) {}

  left(): readonly HeldCommand[] {
    const now = this.clock.now();
    return this.bodies.flatMap((body) => (body.lost ? [] : body.alive(now)));
  }

  asDelivered(commands: readonly HeldCommand[]): CommandEnvelope[] {
    const envelopes = new Map(this.bodies.map((body) => [body, body.envelopes()]));
    return commands.map(({ body, index }) => envelopes.get(body)![index]!);
  }

  done(commands: readonly HeldCommand[], replies: readonly CommandReply[]): void {
    commands.forEach(({ body, index }, at) => {
      body.answered = true;
      body.replies[index] = replies[at]!;
    });
  }

  givenUp(commands: readonly HeldCommand[]): void {
    for (const { body } of commands) body.left = true;
  }
}
