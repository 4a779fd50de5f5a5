/** The command queues of this process, and their one owner in it. */
import type { CommandEnvelope, CommandReply } from '@veche/contracts';
import type { Clock } from '../clock.ts';
import { CommandCarrier } from '../commands/command-carrier.ts';
import { Outage } from '../commands/outage.ts';
import { UNROUTABLE } from '../commands/pending-command.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { BatchProcessor, CommandBus } from '../ports.ts';
import { CommandQueue } from './command-queue.ts';

export class Commands implements CommandBus {
  private readonly queues: readonly CommandQueue[];
  private readonly carrier: CommandCarrier;
  private readonly outage: Outage;

  constructor(config: MessagingConfig, telemetry: MessagingTelemetry, clock: Clock) {
    const outage = new Outage(clock, telemetry);
    this.outage = outage;
    this.queues = Array.from({ length: config.BUS_COMMAND_QUEUES }, () => new CommandQueue({ config, telemetry, clock, outage }));
    this.carrier = new CommandCarrier(this.queues, telemetry, clock);
    outage.onChange = (known) => this.queues.forEach((queue) => (known ? queue.ownerAway() : queue.ownerBack()));
  }

  send(command: CommandEnvelope): Promise<CommandReply> {
    return this.carrier.send(command);
  }

  /** Without a processor nobody in this process takes commands: they are refused at once. */
  serve(processor: BatchProcessor | undefined): void {
    if (!processor) this.carrier.hindrance = () => ({ reason: 'unroutable', answer: UNROUTABLE });
    this.outage.probe = processor?.probe?.bind(processor);
    for (const queue of this.queues) if (processor) queue.serve(processor);
  }

  async stop(): Promise<void> {
    this.outage.stop();
    await Promise.all(this.queues.map((queue) => queue.stop()));
    this.carrier.stop();
  }
}
