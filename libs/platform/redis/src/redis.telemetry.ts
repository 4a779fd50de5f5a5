/** What is counted and logged about Redis, one method a fact. */
import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@veche/platform-telemetry';

/** Refusals of Redis itself are said at most so often: a broken script would fail with every call. */
const SAY_EVERY_MS = 10_000;

@Injectable()
export class RedisTelemetry {
  private readonly log: Logger;
  private readonly up;
  private readonly fallbacks;
  private readonly failures;
  private readonly hits;
  private readonly down = new Set<string>();
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(metrics: Metrics, logger: Logger) {
    this.log = logger.child('redis');
    this.up = metrics.gauge({ name: 'veche_redis_connected', help: 'Whether (1) a connection to Redis is usable.', labelNames: ['connection'] });
    this.fallbacks = metrics.counter({
      name: 'veche_redis_fallbacks_total',
      help: 'Calls that went on without Redis, each process by itself: limits, presence, sign_ins, sessions, cache.',
      labelNames: ['use'],
    });
    this.failures = metrics.counter({ name: 'veche_redis_failures_total', help: 'Calls that Redis refused or did not answer in time.', labelNames: ['use'] });
    this.hits = metrics.counter({
      name: 'veche_redis_cache_lookups_total',
      help: 'Look-ups in two-level caches by where they ended: process, redis or source.',
      labelNames: ['cache', 'level'],
    });
  }

  connected(connection: string): void {
    this.up.set({ connection }, 1);
    if (this.down.delete(connection)) this.log.info({ connection }, 'Redis is back');
  }

  /** Said once for each outage, however many attempts to connect fail meanwhile. */
  lost(connection: string, cause: unknown): void {
    this.up.set({ connection }, 0);
    if (this.down.has(connection)) return;
    this.down.add(connection);
    this.log.warn({ connection, err: cause }, 'Redis is away: limits, presence and caches are those of this process until it is back');
  }

  closed(connection: string): void {
    this.up.remove({ connection });
    this.down.delete(connection);
  }

  fellBack(use: string, calls = 1): void {
    this.fallbacks.inc({ use }, calls);
  }

  failed(use: string, cause: unknown): void {
    this.failures.inc({ use });
    if (performance.now() - this.saidAt < SAY_EVERY_MS) return;
    this.saidAt = performance.now();
    this.log.warn({ use, err: cause }, 'a call to Redis failed');
  }

  lookedUp(cache: string, level: 'process' | 'redis' | 'source', keys: number): void {
    if (keys > 0) this.hits.inc({ cache, level }, keys);
  }
}
