/** Hands a batch to the owner until it is processed: a batch that throws comes again, first and whole, so that the order of its channels stays. */
import { type CommandEnvelope, type CommandReply, VecheError } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor } from '../ports.ts';
import type { Outage } from './outage.ts';
import { Pause } from './pause.ts';

/** Milliseconds before a failed batch comes again: short enough that a lost race costs nothing, bounded so that a dead database is asked once a second. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1000;
/** A batch that takes longer makes us ask whether its owner can work at all. */
const SLOW_MS = 500;

export interface Retried<Command> {
  /** Before each attempt: what is left of the batch; empty ends it. */
  left(): readonly Command[];
  /** Objects of their own for each attempt: what an owner changed before it threw is not seen again. */
  asDelivered(commands: readonly Command[]): CommandEnvelope[];
  done(commands: readonly Command[], replies: readonly CommandReply[]): void;
  /** Of a batch that failed during a stop, and is not tried again. */
  givenUp(commands: readonly Command[]): void;
}

export class RetryInPlace {
  private stopping = false;
  private readonly pause: Pause;

  /** @param outage of all queues: they have one owner */
  constructor(
    private readonly clock: Clock,
    private readonly telemetry: MessagingTelemetry,
    private readonly outage: Outage,
  ) {
    this.pause = new Pause(clock);
  }

  async deliver<Command>(batch: Retried<Command>, processor: BatchProcessor, firstAttempt = 1): Promise<void> {
    for (let tries = 0; ; tries++) {
      const commands = batch.left();
      if (commands.length === 0) return;
      if (await this.attempt(batch, commands, { processor, attempt: firstAttempt + tries })) return;
      if (!this.stopping) await this.pause.for(Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS));
      if (this.stopping) return batch.givenUp(commands);
    }
  }

  /** Tries what is left at once. */
  wake(): void {
    this.pause.end();
  }

  /** A batch that fails from here on is not tried again. */
  stop(): void {
    this.stopping = true;
    this.wake();
  }

  private async attempt<Command>(
    batch: Retried<Command>,
    commands: readonly Command[],
    { processor, attempt }: { readonly processor: BatchProcessor; readonly attempt: number },
  ): Promise<boolean> {
    this.telemetry.batchDelivered(commands.length);
    const punctual = this.clock.after(SLOW_MS, () => this.outage.suspect());
    try {
      const replies = await processor.process(batch.asDelivered(commands), attempt);
      if (replies.length !== commands.length) throw new Error(`${commands.length} commands were answered by ${replies.length} replies`);
      batch.done(commands, replies);
      this.telemetry.batchDone(commands.length);
      return true;
    } catch (cause) {
      this.telemetry.batchFailed(commands.length, attempt, cause);
      if (cause instanceof VecheError) this.outage.suspect();
      return false;
    } finally {
      punctual();
    }
  }
}
