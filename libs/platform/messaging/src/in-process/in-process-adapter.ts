/**
 * The bus within one process, with the semantics of a broker: what is sent becomes bytes at once, arrives
 * asynchronously, in order for each channel, and comes again when its owner throws.
 */
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Handlers, MessagingAdapter } from '../ports.ts';
import { CommandCarrier } from './command-carrier.ts';
import { Fanout } from './fanout.ts';
import { Requests } from './requests.ts';
import { type DeadUnit, Work } from './work.ts';

export class InProcessAdapter implements MessagingAdapter {
  readonly commands: CommandCarrier;
  readonly events: Fanout;
  readonly requests: Requests;
  readonly work: Work;

  constructor(config: MessagingConfig, telemetry: MessagingTelemetry, clock: Clock = systemClock) {
    this.commands = new CommandCarrier(config, telemetry, clock);
    this.events = new Fanout(config, telemetry);
    this.requests = new Requests(config, telemetry, clock);
    this.work = new Work(config, telemetry, clock);
  }

  // oxlint-disable-next-line typescript/require-await -- the port's form: other adapters connect here
  async serve(handlers: Handlers): Promise<void> {
    this.commands.serve(handlers.commands);
    this.requests.serve(handlers.requests);
    this.work.serve(handlers.work);
  }

  /** Commands first: their owners still ask and publish; the fan-out last, so that what was committed is handed over. */
  async stop(): Promise<void> {
    await this.commands.stop();
    await Promise.all([this.requests.stop(), this.work.stop()]);
    this.events.stop();
  }

  /** Work that was given up, oldest first. */
  get deadLetters(): readonly DeadUnit[] {
    return this.work.dead;
  }
}
