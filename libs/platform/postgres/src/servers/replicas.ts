/** Reads that may be a little late, spread over the replicas that answer. */
import pg from 'pg';
import { poolLimits } from './connections.ts';
import { certainFailure, DatabaseUnavailableError, sqlState } from '../errors.ts';
import { Hosts } from './hosts.ts';
import type { PostgresConfig } from '../postgres.config.ts';
import { openSession, sessionOf, timeouts } from './session.ts';
import type { Incarnations } from './server-state.ts';
import { runFramed, runStatement, unnamed } from '../transaction.ts';
import type { Statement } from '../types.ts';

/** Between two looks at a replica that failed. Nobody waits for them: a dead host must not cost any read its connect timeout. */
const REST_MS = 1000;

interface Replica {
  readonly pool: pg.Pool;
  resting: NodeJS.Timeout | undefined;
}

export class Replicas {
  private readonly replicas: readonly Replica[];
  private readonly begin: string;
  private next = 0;
  private closed = false;

  /** Opens no connection: a replica that is dead at the start is found when it is asked, and used again after it is back. */
  constructor(
    config: PostgresConfig,
    private readonly incarnations: Incarnations,
    private readonly failed: (error: unknown) => void,
  ) {
    this.begin = ['BEGIN', ...timeouts(config).map((timeout) => `SET LOCAL ${timeout}`)].join('; ');
    const patience = Math.min(config.PG_REPLICA_TIMEOUT_MS, config.PG_QUERY_TIMEOUT_MS);
    const settings = { ...config, PG_QUERY_TIMEOUT_MS: patience, PG_CONNECT_TIMEOUT_MS: Math.min(patience, config.PG_CONNECT_TIMEOUT_MS) };
    this.replicas = config.PG_REPLICA_URLS.map((url) => {
      const pool = new pg.Pool(poolLimits(settings, new Hosts(url), async (client) => this.admit((await openSession(client, settings)).server)));
      pool.on('error', () => undefined);
      return { pool, resting: undefined };
    });
  }

  /** `undefined` when no replica could answer. A statement that a replica refuses is refused, or not, by the primary: here a table may be missing that is there by now. */
  async query<Row>(statement: Statement): Promise<readonly Row[] | undefined> {
    for (const replica of this.rested()) {
      try {
        return await this.ask<Row>(replica, statement);
      } catch (error) {
        this.failed(error);
        if (mayBeDead(error)) this.rest(replica);
        else return undefined;
      }
    }
    return undefined;
  }

  /** Connections of all replicas, for the gauges. */
  get pools(): readonly pg.Pool[] {
    return this.replicas.map(({ pool }) => pool);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { resting } of this.replicas) clearTimeout(resting);
    await Promise.allSettled(this.replicas.map(({ pool }) => pool.end()));
  }

  private async ask<Row>({ pool }: Replica, statement: Statement): Promise<readonly Row[]> {
    const client = await pool.connect();
    let clean = false;
    try {
      const { pooled, named, server } = sessionOf(client);
      if (!pooled) this.admit(server);
      const rows = await (pooled ? runFramed<Row>(client, this.begin, named ? statement : unnamed(statement)) : runStatement<Row>(client, statement));
      clean = true;
      return rows;
    } catch (error) {
      clean = sqlState(error) !== '';
      throw error;
    } finally {
      client.release(!clean);
    }
  }

  private admit(server: { readonly timeline: number }): void {
    if (!this.incarnations.isCurrent(server))
      throw new DatabaseUnavailableError(new Error(`a replica still follows timeline ${server.timeline}, which is history`));
  }

  private rested(): Replica[] {
    const able = this.replicas.filter(({ resting }) => resting === undefined);
    const first = able.length > 0 ? this.next++ % able.length : 0;
    return [...able.slice(first), ...able.slice(0, first)];
  }

  private rest(replica: Replica): void {
    if (this.closed || replica.resting) return;
    replica.resting = setTimeout(() => {
      void this.ask(replica, { text: 'SELECT 1' }).then(
        () => (replica.resting = undefined),
        () => {
          replica.resting = undefined;
          this.rest(replica);
        },
      );
    }, REST_MS).unref();
  }
}

/** All but a refusal of this one statement: a conflict with recovery, a cancel, a table that has not arrived. */
function mayBeDead(error: unknown): boolean {
  const failure = certainFailure(error);
  return failure instanceof DatabaseUnavailableError && !['57014', '55P03'].includes(sqlState(failure.cause));
}
