import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy, Optional } from '@nestjs/common';
import { Database } from '@veche/platform-postgres';
import { type EventLogConfig, eventLogConfig } from '../event-log.config.ts';
import { EventLogTelemetry } from '../event-log.telemetry.ts';
import { NO_RETENTION, RETENTION, type Retention } from './retention.ts';
import { candidates, trimChannel } from './trim.repository.ts';

/**
 * Trims application channels in the background. Any number of processes may do it: the channel's row lock orders them, and a pass
 * over what is trimmed already changes nothing.
 */
@Injectable()
export class Trim implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly retention: Retention;

  constructor(
    private readonly database: Database,
    @Inject(eventLogConfig.token) private readonly config: EventLogConfig,
    private readonly telemetry: EventLogTelemetry,
    @Optional() @Inject(RETENTION) retention: Retention | undefined,
  ) {
    this.retention = retention ?? NO_RETENTION;
  }

  onApplicationBootstrap(): void {
    if (this.retention !== NO_RETENTION) this.schedule();
  }

  /** Returns when the running pass has ended; tolerates never started and twice. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One pass over every application channel. */
  async pass(): Promise<void> {
    const limit = this.config.EVENT_LOG_TRIM_BATCH;
    for (let after = 0; !this.stopped;) {
      const page = await candidates(this.database, after, limit);
      for (const { name } of page) await this.trim(name, limit);
      if (page.length < limit) return;
      after = page.at(-1)?.id ?? after;
    }
  }

  private async trim(name: string, limit: number): Promise<void> {
    const kept = this.retention.of(name);
    if (!kept || (kept.size === undefined && kept.ttl_ms === undefined)) return;
    let removed = limit;
    while (removed === limit && !this.stopped) {
      removed = await trimChannel(this.database, name, kept, limit);
      this.telemetry.trimmed(removed);
    }
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.pass()
        .catch((error: unknown) => this.telemetry.trimFailed(error))
        .finally(() => {
          if (!this.stopped) this.schedule();
        });
    }, this.config.EVENT_LOG_TRIM_INTERVAL_MS).unref();
  }
}
