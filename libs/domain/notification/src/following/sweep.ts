import { setTimeout as passed } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { EventLog, type Position } from '@veche/event-log';
import { Database } from '@veche/platform-postgres';
import { type NotificationConfig, notificationConfig } from '../notification.config.ts';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { cursorsOf, openedGates } from './cursor.repository.ts';
import { Hints } from './hints.ts';

/** A page of the sweep is followed by a pause of so many times what it took: a quarter of one connection at most, however many channels there are. */
const PAUSES = 3;
/** Logs waiting to be followed above which the sweep finds no more: it would only fill the memory. */
const ENOUGH = 10_000;
const NAMESPACES = ['thread', 'user'];

/** Compares the heads of all logs with what was followed of them. Hints make notices quick; this makes them certain. */
@Injectable()
export class Sweep {
  private stopping = new AbortController();

  // allowed: size: heads, cursors, where what is behind goes, and how it is paced and told
  constructor(
    private readonly log: EventLog,
    private readonly database: Database,
    private readonly hints: Hints,
    @Inject(notificationConfig.token) private readonly config: NotificationConfig,
    private readonly telemetry: NotificationTelemetry,
  ) {}

  /** One pass over all channels. */
  async pass(): Promise<void> {
    this.stopping = new AbortController();
    for (const namespace of NAMESPACES) {
      for (let after = '', full = true; full && !this.stopping.signal.aborted && this.hints.size < ENOUGH;) {
        const began = performance.now();
        const heads = await this.log.heads(namespace, after, this.config.NOTIFICATION_SWEEP_CHANNELS);
        await this.compare(heads);
        full = heads.length === this.config.NOTIFICATION_SWEEP_CHANNELS;
        after = heads.at(-1)?.channel ?? after;
        if (full) await this.pause((performance.now() - began) * PAUSES);
      }
    }
  }

  /** Logs whose next attempt has come. */
  async retries(): Promise<void> {
    const opened = await openedGates(this.database, ENOUGH);
    if (opened.length > 0) this.hints.heads(opened);
  }

  /** Ends a pass at its next page. */
  stop(): void {
    this.stopping.abort();
  }

  private async compare(heads: readonly Position[]): Promise<void> {
    if (heads.length === 0) return;
    const cursors = await cursorsOf(
      this.database,
      heads.map(({ channel }) => channel),
    );
    const behind = heads.filter(({ channel, epoch, seq }) => {
      const cursor = cursors.get(channel);
      return seq > Math.max(cursor?.seq ?? 0, cursor?.past ?? 0) || (cursor !== undefined && seq > 0 && cursor.epoch !== epoch);
    });
    this.telemetry.swept(behind.length);
    if (behind.length > 0) this.hints.heads(behind);
  }

  private async pause(milliseconds: number): Promise<void> {
    await passed(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
