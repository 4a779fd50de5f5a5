import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { isIdle } from './servers/connections.ts';
import { DatabaseUnavailableError, sqlState, UnknownOutcomeError } from './errors.ts';
import type { PostgresTelemetry } from './postgres.telemetry.ts';
import type { Primary } from './servers/primary.ts';
import type { Replicas } from './servers/replicas.ts';
import { sessionOf } from './servers/session.ts';
import { guardOf, runFramed, runStatement, runTransaction, ServerChangedError, unnamed } from './transaction.ts';
import type { Queryable, Statement, Transaction } from './types.ts';

/** Plans may use indexes and nested loops only; see docs/adr on the writer's planner. */
const INDEXED = ['enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off', 'jit = off', 'plan_cache_mode = force_generic_plan'];

export interface TransactionOptions {
  /**
   * `indexed` keeps the planner from sequential scans, hash and merge joins, for statements whose cached plan must stay right while
   * their tables grow from nothing (the append).
   */
  readonly planner?: 'default' | 'indexed';
}

export interface ReadOptions {
  /** From the primary, nothing left out that is committed. */
  readonly fresh?: boolean;
}

/**
 * The database of the process. Every method rejects with
 * `DatabaseUnavailableError` (certainly not applied), `UnknownOutcomeError` (nobody knows), or the server's own error (`sqlState`).
 */
@Injectable()
export class Database implements Queryable {
  constructor(
    private readonly primary: Primary,
    private readonly replicas: Replicas,
    private readonly telemetry: PostgresTelemetry,
    /** `name = value` of the server's timeouts, for connections whose session is not ours. */
    private readonly timeouts: readonly string[],
  ) {}

  /** TypeORM, on the primary: migrations and entities. */
  get dataSource(): DataSource {
    return this.primary.dataSource;
  }

  /** Whether `read` may be answered by another server than `query`. */
  get hasReplicas(): boolean {
    return this.replicas.pools.length > 0;
  }

  /** One statement on the primary; it commits by itself. */
  query<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.onClient((client) => this.one<Row>(client, statement));
  }

  /**
   * One statement that only reads and may be answered by a replica, hence a little late; the primary answers when no replica can, or when it must be
   * fresh. A lost answer is no unknown outcome here: it is unavailable.
   */
  async read<Row>(statement: Statement, { fresh = false }: ReadOptions = {}): Promise<readonly Row[]> {
    const near = fresh ? undefined : await this.replicas.query<Row>(statement);
    return near ?? this.onClient((client) => this.one<Row>(client, statement)).catch(unavailable);
  }

  /** Runs `fn` in one transaction on the primary. `fn` may be called once only and must not keep `tx`. */
  transaction<T>(fn: (tx: Transaction) => Promise<T>, { planner = 'default' }: TransactionOptions = {}): Promise<T> {
    const settings = planner === 'indexed' ? INDEXED : [];
    return this.onClient(async (client) => {
      const { pooled, named } = sessionOf(client);
      try {
        return await runTransaction(client, pooled ? this.framed(settings) : begin(settings), named, fn);
      } catch (error) {
        // `fn` was called and may not be called again; the next transaction finds the server known.
        if (error instanceof ServerChangedError) await this.primary.settle(client);
        throw error;
      }
    });
  }

  private async one<Row>(client: pg.PoolClient, statement: Statement): Promise<readonly Row[]> {
    const { pooled, named } = sessionOf(client);
    if (!pooled) return runStatement<Row>(client, statement);
    const carried = named ? statement : unnamed(statement);
    try {
      return await runFramed<Row>(client, this.framed([]), carried);
    } catch (error) {
      if (!(error instanceof ServerChangedError)) throw error;
      await this.primary.settle(client);
      return runFramed<Row>(client, this.framed([]), carried);
    }
  }

  /** Behind a pooler the session is anybody's: what bounds a statement, and who may answer it, is said with each. */
  private framed(settings: readonly string[]): string {
    return `${begin([...this.timeouts, ...settings])}; ${guardOf(this.primary.incarnations.known)}`;
  }

  private async onClient<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const waited = this.telemetry.waiting();
    const client = await this.primary.checkout().finally(waited);
    let clean = false;
    try {
      const result = await use(client);
      clean = true;
      return result;
    } catch (error) {
      clean = sqlState(error) !== '';
      if (error instanceof UnknownOutcomeError) this.telemetry.outcomeUnknown(error.cause);
      if (isLost(error)) this.primary.suspect();
      throw error;
    } finally {
      // A connection whose state is not known for certain is closed: its next user would meet somebody else's transaction or answer.
      client.release(!clean || !isIdle(client));
    }
  }
}

const unavailable = (error: unknown): never => {
  throw error instanceof UnknownOutcomeError ? new DatabaseUnavailableError(error.cause) : error;
};

const begin = (settings: readonly string[]): string => ['BEGIN', ...settings.map((setting) => `SET LOCAL ${setting}`)].join('; ');

/** Not the server's own word: it may be gone, or no longer the primary. */
const isLost = (error: unknown): boolean => (error instanceof UnknownOutcomeError || error instanceof DatabaseUnavailableError) && sqlState(error.cause) === '';
