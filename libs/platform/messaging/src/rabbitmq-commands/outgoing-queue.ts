/**
 * The sender's end of one command queue: a batch is in flight until it is answered, the next collects meanwhile. So of what waits here it is
 * certain that nothing was done, and the broker holds one batch of each process at most.
 */
import { randomUUID } from 'node:crypto';
import { type Refusal, refusal } from '@veche/contracts';
import type { CommandLane } from '../commands/command-carrier.ts';
import { type PendingCommand, STOPPING } from '../commands/pending-command.ts';
import { nextDeadline, oldestOf, WaitingCommands } from '../commands/waiting-commands.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import { batchId } from './reply-records.ts';
import { Shipment, type Way } from './shipment.ts';

/** While no owner answers, one command in so long is let through to find out. */
const PROBE_MS = 1000;

const after = (ms: number, message: string): Refusal => ({ ...refusal('unavailable', message), retry_after_ms: ms });
const SILENT = after(PROBE_MS, 'the owner of the channel does not answer at the moment, nothing was done; send it again after a pause');
export const HINDERED = after(1000, 'messages cannot be passed on at the moment, nothing was done; send it again after a pause');

export class OutgoingQueue implements CommandLane {
  private readonly waiting: WaitingCommands;
  private shipment: Shipment | undefined;
  private running: Promise<void> | undefined;
  private served = false;
  private stopping = false;
  /** The breaker: open from a batch that nobody answered until one that somebody does. */
  private silent = false;
  private probeAt = 0;

  constructor(
    private readonly index: number,
    private readonly way: Way,
    config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {
    this.waiting = new WaitingCommands(config, telemetry);
  }

  push(command: PendingCommand): void {
    if (this.stopping) this.waiting.refuse(command, 'stopping', STOPPING);
    else if (this.silent && !this.mayProbe()) this.waiting.refuse(command, 'silent', SILENT);
    else if (this.waiting.push(command)) this.start();
  }

  expire(now: number): number {
    const next = this.waiting.expire(now);
    // Within this turn: whoever hears of it and sends again is refused at once.
    if (this.shipment?.expire(now) && this.shipment.isUnanswered) this.fallSilent(now);
    return Math.min(next, nextDeadline(this.shipment?.batch ?? [], now));
  }

  oldest(): number {
    return Math.min(oldestOf(this.shipment?.batch ?? []), this.waiting.oldest());
  }

  serve(): void {
    this.served = true;
    if (this.waiting.size > 0) this.start();
  }

  /** Somebody answered, be it too late: commands are let through again. */
  heard(): void {
    if (!this.silent) return;
    this.silent = false;
    this.telemetry.ownerSilent(this.index, false);
  }

  /** Takes no more, sees what it took to its answer. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
    this.waiting.refuseAll('stopping', STOPPING);
  }

  private start(): void {
    if (this.running || !this.served) return;
    // After the poll phase: everything that sockets delivered in this turn of the loop shares the batch.
    this.running = new Promise((resolve) => setImmediate(resolve)).then(() => this.drain());
  }

  private async drain(): Promise<void> {
    while (this.waiting.size > 0) {
      const batch = this.waiting.take(this.way.clock.now());
      if (batch.length > 0) await this.ship(batch);
    }
    this.running = undefined;
  }

  private async ship(batch: readonly PendingCommand[]): Promise<void> {
    this.shipment = new Shipment(batch, batchId(this.index, randomUUID()), this.way);
    const arrival = await this.shipment.carry((command) => this.waiting.refuse(command, 'hindered', HINDERED));
    this.shipment = undefined;
    if (arrival === 'answered') this.heard();
    if (arrival === 'refused' && this.way.replyTo() === undefined) this.waiting.refuseAll('hindered', HINDERED);
  }

  private fallSilent(now: number): void {
    if (this.silent) return;
    this.silent = true;
    this.probeAt = now + PROBE_MS;
    this.telemetry.ownerSilent(this.index, true);
  }

  private mayProbe(): boolean {
    const now = this.way.clock.now();
    if (now < this.probeAt) return false;
    this.probeAt = now + PROBE_MS;
    return true;
  }
}
