/** Sends each command to the queue of its slot and sees to it that everyone is answered by the deadline. */
import { type CommandEnvelope, type CommandReply, type Refusal, refusal } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor, CommandBus } from '../ports.ts';
import { queueOf } from '../slot.ts';
import { CommandQueue, EXPIRED, type PendingCommand, UNKNOWN } from './command-queue.ts';
import { Outage } from './outage.ts';

const UNROUTABLE = refusal('unavailable', 'no service takes commands here, nothing was done');

/** Beside the data: names and numbers of an envelope. */
const ENVELOPE_BYTES = 200;

export class CommandCarrier implements CommandBus {
  private readonly queues: readonly CommandQueue[];
  /** When the one deadline timer fires; there is none while nothing waits. */
  private armedFor = Number.POSITIVE_INFINITY;
  private disarm: (() => void) | undefined;
  private routable = true;
  private readonly outage: Outage;

  constructor(
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
    private readonly clock: Clock,
  ) {
    const outage = new Outage(clock, telemetry);
    this.outage = outage;
    this.queues = Array.from({ length: config.BUS_COMMAND_QUEUES }, () => new CommandQueue({ config, telemetry, clock, outage }));
    outage.onChange = (known) => this.queues.forEach((queue) => (known ? queue.ownerAway() : queue.ownerBack()));
  }

  send(command: CommandEnvelope): Promise<CommandReply> {
    const json = jsonOf(command.data);
    if (json === undefined) return this.refuse('unserialisable', refusal('bad_request', 'data must be JSON: no BigInt, no cycle, not undefined'));
    if (!this.routable) return this.refuse('unroutable', UNROUTABLE);
    if (command.deadline <= this.clock.now()) return this.refuse('expired', EXPIRED);
    return new Promise((resolve) => {
      const { data: _data, ...names } = command;
      this.arm(command.deadline);
      this.queueFor(command.channel).push(this.pending({ ...names, json }, resolve));
    });
  }

  /** Without a processor nobody in this process takes commands: they are refused at once. */
  serve(processor: BatchProcessor | undefined): void {
    this.routable = processor !== undefined;
    this.outage.probe = processor?.probe?.bind(processor);
    for (const queue of this.queues) if (processor) queue.serve(processor);
  }

  async stop(): Promise<void> {
    this.outage.stop();
    await Promise.all(this.queues.map((queue) => queue.stop()));
    this.disarm?.();
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  private pending(sealed: PendingCommand['sealed'], resolve: (reply: CommandReply) => void): PendingCommand {
    let answered = false;
    return {
      sealed,
      bytes: ENVELOPE_BYTES + sealed.json.length + (sealed.meta?.length ?? 0),
      settle: (reply) => {
        if (answered) return;
        answered = true;
        if (reply === UNKNOWN) this.telemetry.outcomeUnknown(1);
        resolve(reply);
      },
    };
  }

  private queueFor(channel: string): CommandQueue {
    return this.queues[queueOf(channel, this.config.BUS_COMMAND_QUEUES)]!;
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
    const next = Math.min(...this.queues.map((queue) => queue.expire(now)));
    if (next < Number.POSITIVE_INFINITY) this.arm(next);
  }

  private refuse(reason: Parameters<MessagingTelemetry['commandRefused']>[0], answer: Refusal): Promise<CommandReply> {
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
