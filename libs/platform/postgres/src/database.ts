import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { isIdle } from './connections.ts';
import { DatabaseUnavailableError, sqlState, UnknownOutcomeError } from './errors.ts';
import type { PostgresTelemetry } from './postgres.telemetry.ts';
import type { Replicas } from './replicas.ts';
import { runStatement, runTransaction } from './transaction.ts';
import type { Queryable, Statement, Transaction } from './types.ts';

/** Plans may use indexes and nested loops only; see docs/adr on the writer's planner. */
const INDEXED = `BEGIN; ${['enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off', 'jit = off', 'plan_cache_mode = force_generic_plan'].map((setting) => `SET LOCAL ${setting}`).join('; ')}`;

export interface TransactionOptions {
  /**
   * `indexed` keeps the planner from sequential scans, hash and merge joins, for statements whose cached plan must stay right while
   * their tables grow from nothing (the append).
   */
  readonly planner?: 'default' | 'indexed';
}

/**
 * The database of the process. Every method rejects with
 * `DatabaseUnavailableError` (certainly not applied), `UnknownOutcomeError` (nobody knows), or the server's own error (`sqlState`).
 */
@Injectable()
export class Database implements Queryable {
  constructor(
    /** TypeORM, on the primary: migrations and entities. */
    readonly dataSource: DataSource,
    private readonly pool: pg.Pool,
    private readonly replicas: Replicas,
    private readonly telemetry: PostgresTelemetry,
  ) {}

  /** Whether `read` may be answered by another server than `query`. */
  get hasReplicas(): boolean {
    return this.replicas.pools.length > 0;
  }

  /** One statement on the primary; it commits by itself. */
  query<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.onClient((client) => runStatement<Row>(client, statement));
  }

  /** One statement that only reads and may be answered by a replica, hence a little late; the primary answers when no replica can. */
  async read<Row>(statement: Statement): Promise<readonly Row[]> {
    return (await this.replicas.query<Row>(statement)) ?? this.query<Row>(statement);
  }

  /** Runs `fn` in one transaction on the primary. `fn` may be called once only and must not keep `tx`. */
  transaction<T>(fn: (tx: Transaction) => Promise<T>, { planner = 'default' }: TransactionOptions = {}): Promise<T> {
    return this.onClient((client) => runTransaction(client, planner === 'indexed' ? INDEXED : 'BEGIN', fn));
  }

  private async onClient<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const waited = this.telemetry.waiting();
    const client = await this.pool.connect().catch((error: unknown) => {
      throw new DatabaseUnavailableError(error);
    });
    waited();
    let clean = false;
    try {
      const result = await use(client);
      clean = true;
      return result;
    } catch (error) {
      clean = sqlState(error) !== '';
      if (error instanceof UnknownOutcomeError) this.telemetry.outcomeUnknown(error.cause);
      throw error;
    } finally {
      // A connection whose state is not known for certain is closed: its next user would meet somebody else's transaction or answer.
      client.release(!clean || !isIdle(client));
    }
  }
}
