/**
 * The bus within one process, with the semantics of a broker: what is sent becomes bytes at once, arrives
 * asynchronously, in order for each channel, and comes again when its owner throws.
 */
import { type Clock, systemClock } from '../clock.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import type { Fanout, Handlers, MessagingAdapter } from '../ports.ts';
import { Commands } from './commands.ts';
import { ProcessFanout } from './fanout.ts';
import { Requests } from './requests.ts';
import { type DeadUnit, Work } from './work.ts';

export class InProcessAdapter implements MessagingAdapter {
  readonly commands: Commands;
  readonly events: Fanout;
  readonly requests: Requests;
  readonly work: Work;

  /** @param fanout of many processes; default: within this one */
  constructor(config: MessagingConfig, telemetry: MessagingTelemetry, { clock = systemClock, fanout }: { clock?: Clock; fanout?: Fanout | undefined } = {}) {
    this.commands = new Commands(config, telemetry, clock);
    this.events = fanout ?? new ProcessFanout(config, telemetry);
    this.requests = new Requests(config, telemetry, clock);
    this.work = new Work(config, telemetry, clock);
  }

  async serve(handlers: Handlers): Promise<void> {
    await this.events.start();
    this.commands.serve(handlers.commands);
    this.requests.serve(handlers.requests);
    this.work.serve(handlers.work);
  }

  /** Never: events that another fan-out carries are not looked at, since without them readers go by their positions, which is slower and no reason to stop serving. */
  // oxlint-disable-next-line typescript/require-await -- the port's form
  async check(): Promise<void> {}

  /** Commands first: their owners still ask and publish; the fan-out last, so that what was committed is handed over. */
  async stop(): Promise<void> {
    await this.commands.stop();
    await Promise.all([this.requests.stop(), this.work.stop()]);
    await this.events.stop();
  }

  /** Work that was given up, oldest first. */
  get deadLetters(): readonly DeadUnit[] {
    return this.work.dead;
  }
}
