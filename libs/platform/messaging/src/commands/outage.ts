/**
 * Knows whether owners can work at all: while their database is away, commands are refused at once instead of waiting for
 * their deadline. Opened by a failed probe and never by a failed batch alone: a lock or a poisonous command is no outage.
 */
import type { Clock } from '../clock.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import { Pause } from './pause.ts';

/** A probe that has not answered in this time has failed; a frozen database accepts connections and says nothing. */
const PROBE_MS = 150;
/** Between probes: recovery is noticed this much later at most. */
const PAUSE_MS = 100;

export class Outage {
  /** Asks whether the owner can work; without one there is no outage, only failing batches. */
  probe: (() => Promise<void>) | undefined;
  /** Called when it becomes known, and when it is over. */
  onChange: (known: boolean) => void = () => {};
  private known = false;
  private watching: Promise<void> | undefined;
  private readonly pause: Pause;
  private stopped = false;

  constructor(
    clock: Clock,
    private readonly telemetry: MessagingTelemetry,
  ) {
    this.pause = new Pause(clock);
  }

  get isKnown(): boolean {
    return this.known;
  }

  /** Something failed, or takes long: looks into it until the owner can work. */
  suspect(): void {
    if (!this.probe || this.stopped) return;
    this.watching ??= this.watch(this.probe).finally(() => (this.watching = undefined));
  }

  /** Does not wait for a probe that hangs: it ends with the connection it is on. */
  stop(): void {
    this.stopped = true;
    this.pause.end();
  }

  private async watch(probe: () => Promise<void>): Promise<void> {
    while (!this.stopped) {
      // One probe at a time: each that hangs holds a connection until its own timeout.
      const answer = probe().then(
        () => true,
        () => false,
      );
      const inTime = await Promise.race([answer, this.pause.for(PROBE_MS).then(() => false)]);
      this.pause.end();
      if (!inTime) this.change(true);
      if (inTime || (await answer)) return this.change(false);
      await this.pause.for(PAUSE_MS);
    }
  }

  private change(known: boolean): void {
    if (this.known === known || this.stopped) return;
    this.known = known;
    this.telemetry.outage(known);
    this.onChange(known);
  }
}
