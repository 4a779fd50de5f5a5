/**
 * One command queue: a batch in flight, the next collects meanwhile. No timers when idle; under load a batch is
 * whatever arrived while the last one was committed, so it grows with the pressure and the latency does not.
 */
import { type CommandEnvelope, type CommandReply, refusal, VecheError } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor } from '../ports.ts';
import type { Outage } from './outage.ts';
import { decodeCommands, encodeCommands, type SealedCommand } from '../records/command-records.ts';

/** Milliseconds before a failed batch comes again: short enough that a lost race costs nothing, bounded so that a dead database is asked once a second. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1000;
/** A batch that takes longer makes us ask whether its owner can work at all. */
const SLOW_MS = 500;

export interface QueueSurroundings {
  readonly config: MessagingConfig;
  readonly telemetry: MessagingTelemetry;
  readonly clock: Clock;
  /** Of all queues: they have one owner. */
  readonly outage: Outage;
}

export interface PendingCommand {
  readonly sealed: SealedCommand;
  readonly bytes: number;
  /** The first answer counts; later ones are ignored. */
  readonly settle: (reply: CommandReply) => void;
}

export const STOPPING = refusal('unavailable', 'the server is stopping, nothing was done; send it again to another');
export const EXPIRED = refusal('unavailable', 'the deadline passed before the command was taken up, nothing was done; send it again');
const AWAY = { ...refusal('unavailable', 'the database does not answer at the moment, nothing was done; send it again after a pause'), retry_after_ms: 1000 };
const QUEUE_FULL = refusal('unavailable', 'too many commands are waiting, nothing was done; send it again after a pause');
export const UNKNOWN = refusal('outcome_unknown', 'no answer in time, the outcome is unknown; send it again with the same command_id');

export class CommandQueue {
  private waiting: PendingCommand[] = [];
  private waitingBytes = 0;
  private inFlight: readonly PendingCommand[] = [];
  private processor: BatchProcessor | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private endPause: (() => void) | undefined;

  private readonly config: MessagingConfig;
  private readonly telemetry: MessagingTelemetry;
  private readonly clock: Clock;
  private readonly outage: Outage;

  constructor({ config, telemetry, clock, outage }: QueueSurroundings) {
    this.config = config;
    this.telemetry = telemetry;
    this.clock = clock;
    this.outage = outage;
  }

  /** Answers by `settle`, now (a full queue) or later. */
  push(command: PendingCommand): void {
    if (this.outage.isKnown) return this.refuseAway(command);
    const full = this.waiting.length >= this.config.BUS_QUEUE_COMMANDS || this.waitingBytes + command.bytes > this.config.BUS_QUEUE_BYTES;
    if (full || this.stopping) {
      this.telemetry.commandRefused(full ? 'queue_full' : 'stopping');
      command.settle(full ? QUEUE_FULL : STOPPING);
      return;
    }
    this.waiting.push(command);
    this.waitingBytes += command.bytes;
    this.start();
  }

  serve(processor: BatchProcessor): void {
    this.processor = processor;
    if (this.waiting.length > 0) this.start();
  }

  /** Answers what is past its deadline; returns the next deadline, Infinity if none. */
  expire(now: number): number {
    const kept = this.waiting.filter((command) => command.sealed.deadline > now);
    if (kept.length < this.waiting.length) {
      for (const command of this.waiting) if (command.sealed.deadline <= now) this.refuseExpired(command);
      this.waiting = kept;
      this.waitingBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    const late = this.inFlight.filter((command) => command.sealed.deadline <= now);
    for (const command of late) command.settle(UNKNOWN);
    return [...kept, ...this.inFlight].reduce((next, { sealed }) => (sealed.deadline > now ? Math.min(next, sealed.deadline) : next), Number.POSITIVE_INFINITY);
  }

  /**
   * Answers everybody: what was never delivered is refused, of what is under way nobody knows. That batch is tried on until its
   * deadlines all the same: it may have been committed and not yet been told.
   */
  ownerAway(): void {
    for (const command of this.inFlight) command.settle(UNKNOWN);
    for (const command of this.waiting.splice(0)) this.refuseAway(command);
    this.waitingBytes = 0;
  }

  /** Tries what is left at once. */
  ownerBack(): void {
    this.endPause?.();
  }

  /** Takes no more, finishes what was taken; a batch that fails from here on is not tried again. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endPause?.();
    await this.running;
    // Never served: nobody will come for these.
    for (const command of this.waiting.splice(0)) command.settle(STOPPING);
    this.waitingBytes = 0;
  }

  private start(): void {
    if (this.running || !this.processor) return;
    const { processor } = this;
    // After the poll phase: everything that sockets delivered in this turn of the loop shares the batch.
    this.running = new Promise((resolve) => setImmediate(resolve)).then(() => this.drain(processor));
  }

  private async drain(processor: BatchProcessor): Promise<void> {
    while (this.waiting.length > 0) {
      this.inFlight = this.takeBatch();
      if (this.inFlight.length > 0) await this.deliver(this.inFlight, processor);
      this.inFlight = [];
    }
    this.running = undefined;
  }

  private takeBatch(): PendingCommand[] {
    const now = this.clock.now();
    const batch: PendingCommand[] = [];
    let bytes = 0;
    let taken = 0;
    for (const command of this.waiting) {
      if (batch.length >= this.config.BUS_BATCH_COMMANDS || (batch.length > 0 && bytes + command.bytes > this.config.BUS_BATCH_BYTES)) break;
      taken++;
      this.waitingBytes -= command.bytes;
      if (command.sealed.deadline <= now) this.refuseExpired(command);
      else {
        batch.push(command);
        bytes += command.bytes;
      }
    }
    this.waiting.splice(0, taken);
    return batch;
  }

  /** Delivers a batch until it is processed; each attempt gets objects of its own, less what has expired meanwhile. */
  private async deliver(taken: readonly PendingCommand[], processor: BatchProcessor): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const batch = attempt === 1 ? taken : this.dropExpired(taken);
      if (batch.length === 0) return;
      this.telemetry.batchDelivered(batch.length);
      const punctual = this.clock.after(SLOW_MS, () => this.outage.suspect());
      try {
        settleAll(batch, await processor.process(asDelivered(batch), attempt));
        this.telemetry.batchDone(batch.length);
        return;
      } catch (cause) {
        this.telemetry.batchFailed(batch.length, attempt, cause);
        if (cause instanceof VecheError) this.outage.suspect();
      } finally {
        punctual();
      }
      if (!this.stopping) await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS));
      if (this.stopping) {
        for (const command of batch) command.settle(UNKNOWN);
        return;
      }
    }
  }

  private dropExpired(taken: readonly PendingCommand[]): readonly PendingCommand[] {
    const now = this.clock.now();
    return taken.filter((command) => {
      if (command.sealed.deadline > now) return true;
      command.settle(UNKNOWN);
      return false;
    });
  }

  private refuseAway(command: PendingCommand): void {
    this.telemetry.commandRefused('away');
    command.settle(AWAY);
  }

  private refuseExpired(command: PendingCommand): void {
    this.telemetry.commandRefused('expired');
    command.settle(EXPIRED);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, resolve);
      this.endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}

const asDelivered = (batch: readonly PendingCommand[]): CommandEnvelope[] => decodeCommands(encodeCommands(batch.map(({ sealed }) => sealed)));

function settleAll(batch: readonly PendingCommand[], replies: readonly CommandReply[]): void {
  if (replies.length !== batch.length) throw new Error(`${batch.length} commands were answered by ${replies.length} replies`);
  batch.forEach((command, index) => command.settle(replies[index]!));
}
