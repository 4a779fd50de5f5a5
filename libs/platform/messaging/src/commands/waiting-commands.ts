/** Commands that collect for the next batch of one queue: bounded, in order, none past its deadline. */
import type { Refusal } from '@veche/contracts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry, RefusalReason } from '../messaging.telemetry.ts';
import { EXPIRED, type PendingCommand, QUEUE_FULL } from './pending-command.ts';

export class WaitingCommands {
  private commands: PendingCommand[] = [];
  private bytes = 0;

  constructor(
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {}

  get size(): number {
    return this.commands.length;
  }

  /** Since when the first of them waits; Infinity if none does. They stand in the order in which they came. */
  oldest(): number {
    return this.commands[0]?.since ?? Number.POSITIVE_INFINITY;
  }

  /** False when it is full: the command is refused. */
  push(command: PendingCommand): boolean {
    if (this.commands.length >= this.config.BUS_QUEUE_COMMANDS || this.bytes + command.bytes > this.config.BUS_QUEUE_BYTES) {
      this.refuse(command, 'queue_full', QUEUE_FULL);
      return false;
    }
    this.commands.push(command);
    this.bytes += command.bytes;
    return true;
  }

  /** The next batch; a single command may be larger than a batch should be. Empty when all that waited was past its deadline. */
  take(now: number): PendingCommand[] {
    const batch: PendingCommand[] = [];
    let bytes = 0;
    let taken = 0;
    for (const command of this.commands) {
      if (batch.length >= this.config.BUS_BATCH_COMMANDS || (batch.length > 0 && bytes + command.bytes > this.config.BUS_BATCH_BYTES)) break;
      taken++;
      this.bytes -= command.bytes;
      if (command.sealed.deadline <= now) this.refuse(command, 'expired', EXPIRED);
      else {
        batch.push(command);
        bytes += command.bytes;
      }
    }
    this.commands.splice(0, taken);
    return batch;
  }

  /** Refuses what is past its deadline; returns the next deadline, Infinity if none. */
  expire(now: number): number {
    const kept = this.commands.filter(({ sealed }) => sealed.deadline > now);
    if (kept.length < this.commands.length) {
      for (const command of this.commands) if (command.sealed.deadline <= now) this.refuse(command, 'expired', EXPIRED);
      this.commands = kept;
      this.bytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    return nextDeadline(kept, now);
  }

  refuseAll(reason: RefusalReason, answer: Refusal): void {
    this.bytes = 0;
    for (const command of this.commands.splice(0)) this.refuse(command, reason, answer);
  }

  refuse(command: PendingCommand, reason: RefusalReason, answer: Refusal): void {
    this.telemetry.commandRefused(reason);
    command.settle(answer);
  }
}

/** Since when the first of a batch without an answer waits; Infinity if all have one. */
export const oldestOf = (batch: readonly PendingCommand[]): number => batch.find(({ settled }) => !settled)?.since ?? Number.POSITIVE_INFINITY;

/** Of commands that are not past it; Infinity if none. */
export const nextDeadline = (commands: readonly PendingCommand[], now: number): number =>
  commands.reduce((next, { sealed }) => (sealed.deadline > now ? Math.min(next, sealed.deadline) : next), Number.POSITIVE_INFINITY);
