import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@veche/platform-telemetry';
import type pg from 'pg';

/** What the connections tell about themselves. */
@Injectable()
export class PostgresTelemetry {
  private readonly logger: Logger;
  private readonly waited;
  private readonly unknown;
  private readonly replica;
  private readonly servers;
  private readonly interruptions;

  constructor(
    private readonly metrics: Metrics,
    logger: Logger,
  ) {
    this.logger = logger.child('postgres');
    this.waited = metrics.histogram({ name: 'veche_postgres_pool_wait_seconds', help: 'Time that a caller waited for a connection.' });
    this.unknown = metrics.counter({ name: 'veche_postgres_unknown_outcomes_total', help: 'Commits of which nobody knows whether they happened.' });
    this.replica = metrics.counter({ name: 'veche_postgres_replica_failures_total', help: 'Reads that a replica failed and another server answered.' });
    this.servers = metrics.counter({
      name: 'veche_postgres_server_changes_total',
      help: 'Times that another server, or a restarted one, began to answer; the first of a process counts.',
    });
    this.interruptions = metrics.counter({
      name: 'veche_postgres_listener_interruptions_total',
      help: 'Times that the connection that listens for notifications was lost.',
    });
  }

  /** Reports the pools whenever the metrics are read. */
  watchPools(pools: Readonly<Record<string, readonly pg.Pool[]>>): void {
    const sum = (of: readonly pg.Pool[], count: (pool: pg.Pool) => number) => of.reduce((total, pool) => total + count(pool), 0);
    const gauge = (name: string, help: string, count: (pool: pg.Pool) => number) =>
      this.metrics.gauge({
        name,
        help,
        labelNames: ['server'],
        collect() {
          for (const [server, of] of Object.entries(pools)) this.set({ server }, sum(of, count));
        },
      });
    gauge('veche_postgres_pool_connections', 'Open connections.', (pool) => pool.totalCount);
    gauge('veche_postgres_pool_idle_connections', 'Open connections that nobody uses.', (pool) => pool.idleCount);
    gauge('veche_postgres_pool_waiting_callers', 'Callers waiting for a connection.', (pool) => pool.waitingCount);
  }

  /** Returns what to call when the caller has its connection. */
  waiting(): () => void {
    return this.waited.startTimer();
  }

  outcomeUnknown(error: unknown): void {
    this.unknown.inc();
    this.logger.warn({ err: error }, 'the outcome of a commit is unknown');
  }

  replicaFailed(error: unknown): void {
    this.replica.inc();
    this.logger.warn({ err: error }, 'a replica failed a read, it rests and the primary answers');
  }

  serverChanged(): void {
    this.servers.inc();
    this.logger.info({}, 'a server answers that was not known: the first write has committed there, it is read from now on');
  }

  listenerLost(error: unknown): void {
    this.interruptions.inc();
    this.logger.warn({ err: error }, 'notifications are not heard: the connection that listens was lost, it is opened again');
  }

  listenerFailed(cause: unknown): void {
    this.logger.error({ err: cause }, 'a handler of notifications threw; others go on');
  }
}
