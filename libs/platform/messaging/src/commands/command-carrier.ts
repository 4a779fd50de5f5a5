/** Seals each command, gives it to the queue of its slot, and sees to it that everyone is answered by the deadline. */
import { type CommandEnvelope, type CommandReply, type Refusal, refusal } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { MessagingTelemetry, RefusalReason } from '../messaging.telemetry.ts';
import type { CommandBus } from '../ports.ts';
import { queueOf } from '../slot.ts';
import { EXPIRED, PendingCommand, UNKNOWN } from './pending-command.ts';

/** One command queue as its senders see it. */
export interface CommandLane {
  /** Answers by `settle`, now (a full queue) or later. */
  push(command: PendingCommand): void;
  /** Answers what is past its deadline; returns the next deadline, Infinity if none. */
  expire(now: number): number;
  /** Since when the longest waiting command has had no answer, whether it is under way or still here; Infinity if none. */
  oldest(): number;
}

export class CommandCarrier implements CommandBus {
  /** Why nothing can be sent at the moment: asked for each command. */
  hindrance: () => { readonly reason: RefusalReason; readonly answer: Refusal } | undefined = () => undefined;
  /** When the one deadline timer fires; there is none while nothing waits. */
  private armedFor = Number.POSITIVE_INFINITY;
  private disarm: (() => void) | undefined;

  constructor(
    private readonly lanes: readonly CommandLane[],
    private readonly telemetry: MessagingTelemetry,
    private readonly clock: Clock,
  ) {
    telemetry.oldestCommandMs = () => Math.max(0, this.clock.now() - Math.min(...this.lanes.map((lane) => lane.oldest())));
  }

  send(command: CommandEnvelope): Promise<CommandReply> {
    const json = jsonOf(command.data);
    if (json === undefined) return this.refuse('unserialisable', refusal('bad_request', 'data must be JSON: no BigInt, no cycle, not undefined'));
    const hindered = this.hindrance();
    if (hindered) return this.refuse(hindered.reason, hindered.answer);
    const now = this.clock.now();
    if (command.deadline <= now) return this.refuse('expired', EXPIRED);
    return new Promise((resolve) => {
      const { data: _data, ...names } = command;
      this.arm(command.deadline);
      const lane = this.lanes[queueOf(command.channel, this.lanes.length)]!;
      lane.push(new PendingCommand({ ...names, json }, now, (reply) => this.answered(reply, resolve)));
    });
  }

  /** Deadlines are not kept from here on: only when nothing waits any more. */
  stop(): void {
    this.disarm?.();
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  private answered(reply: CommandReply, resolve: (reply: CommandReply) => void): void {
    if (reply === UNKNOWN || (!reply.ok && reply.error === 'outcome_unknown')) this.telemetry.outcomeUnknown(1);
    resolve(reply);
  }

  /** One timer for all commands, moved only when an earlier deadline comes: under load it fires once per deadline span. */
  private arm(deadline: number): void {
    if (deadline >= this.armedFor) return;
    this.disarm?.();
    this.armedFor = deadline;
    this.disarm = this.clock.after(Math.max(0, deadline - this.clock.now()), () => this.expire());
  }

  private expire(): void {
    this.armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    const next = Math.min(...this.lanes.map((lane) => lane.expire(now)));
    if (next < Number.POSITIVE_INFINITY) this.arm(next);
  }

  private refuse(reason: RefusalReason, answer: Refusal): Promise<CommandReply> {
    this.telemetry.commandRefused(reason);
    return Promise.resolve(answer);
  }
}

/** Undefined for what JSON cannot carry. */
function jsonOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data) as string | undefined;
  } catch {
    return undefined;
  }
}
