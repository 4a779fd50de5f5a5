/**
 * One command queue: a batch in flight, the next collects meanwhile. No timers when idle; under load a batch is
 * whatever arrived while the last one was committed, so it grows with the pressure and the latency does not.
 */
import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { CommandLane } from '../commands/command-carrier.ts';
import type { Outage } from '../commands/outage.ts';
import { AWAY, type PendingCommand, STOPPING, UNKNOWN } from '../commands/pending-command.ts';
import { type Retried, RetryInPlace } from '../commands/retry-in-place.ts';
import { nextDeadline, oldestOf, WaitingCommands } from '../commands/waiting-commands.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor } from '../ports.ts';
import { decodeCommands, encodeCommands } from '../records/command-records.ts';

export interface QueueSurroundings {
  readonly config: MessagingConfig;
  readonly telemetry: MessagingTelemetry;
  readonly clock: Clock;
  /** Of all queues: they have one owner. */
  readonly outage: Outage;
}

export class CommandQueue implements CommandLane {
  private readonly waiting: WaitingCommands;
  private readonly retry: RetryInPlace;
  private readonly clock: Clock;
  private readonly outage: Outage;
  private inFlight: readonly PendingCommand[] = [];
  private processor: BatchProcessor | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor({ config, telemetry, clock, outage }: QueueSurroundings) {
    this.waiting = new WaitingCommands(config, telemetry);
    this.retry = new RetryInPlace(clock, telemetry, outage);
    this.clock = clock;
    this.outage = outage;
  }

  push(command: PendingCommand): void {
    if (this.outage.isKnown) this.waiting.refuse(command, 'away', AWAY);
    else if (this.stopping) this.waiting.refuse(command, 'stopping', STOPPING);
    else if (this.waiting.push(command)) this.start();
  }

  serve(processor: BatchProcessor): void {
    this.processor = processor;
    if (this.waiting.size > 0) this.start();
  }

  expire(now: number): number {
    const next = this.waiting.expire(now);
    for (const command of this.inFlight) if (command.sealed.deadline <= now) command.settle(UNKNOWN);
    return Math.min(next, nextDeadline(this.inFlight, now));
  }

  oldest(): number {
    return Math.min(oldestOf(this.inFlight), this.waiting.oldest());
  }

  /**
   * Answers everybody: what was never delivered is refused, of what is under way nobody knows. That batch is tried on until its
   * deadlines all the same: it may have been committed and not yet been told.
   */
  ownerAway(): void {
    for (const command of this.inFlight) command.settle(UNKNOWN);
    this.waiting.refuseAll('away', AWAY);
  }

  /** Tries what is left at once. */
  ownerBack(): void {
    this.retry.wake();
  }

  /** Takes no more, finishes what was taken; a batch that fails from here on is not tried again. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.retry.stop();
    await this.running;
    // Never served: nobody will come for these.
    this.waiting.refuseAll('stopping', STOPPING);
  }

  private start(): void {
    if (this.running || !this.processor) return;
    const { processor } = this;
    // After the poll phase: everything that sockets delivered in this turn of the loop shares the batch.
    this.running = new Promise((resolve) => setImmediate(resolve)).then(() => this.drain(processor));
  }

  private async drain(processor: BatchProcessor): Promise<void> {
    while (this.waiting.size > 0) {
      this.inFlight = this.waiting.take(this.clock.now());
      await this.retry.deliver(new QueuedBatch(this.inFlight, this.clock), processor);
      this.inFlight = [];
    }
    this.running = undefined;
  }
}

class QueuedBatch implements Retried<PendingCommand> {
  constructor(
    private readonly batch: readonly PendingCommand[],
    private readonly clock: Clock,
  ) {}

  left(): readonly PendingCommand[] {
    const now = this.clock.now();
    return this.batch.filter((command) => {
      if (command.sealed.deadline > now) return true;
      command.settle(UNKNOWN);
      return false;
    });
  }

  asDelivered(commands: readonly PendingCommand[]): CommandEnvelope[] {
    return decodeCommands(encodeCommands(commands.map(({ sealed }) => sealed)));
  }

  done(commands: readonly PendingCommand[], replies: readonly CommandReply[]): void {
    commands.forEach((command, index) => command.settle(replies[index]!));
  }

  givenUp(commands: readonly PendingCommand[]): void {
    for (const command of commands) command.settle(UNKNOWN);
  }
}
