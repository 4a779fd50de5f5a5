/** Brings the schema to where the code wants it, and tells whether it is there. */
import { DataSource, type MigrationInterface, MigrationExecutor } from 'typeorm';
import { sqlState } from '../errors.ts';
import { Hosts } from '../servers/hosts.ts';
import { Incarnations } from '../servers/server-state.ts';
import { survey } from '../servers/survey.ts';

/** A migration class; its name ends in a 13-digit timestamp, which orders it. */
export type Migration = new () => MigrationInterface;

/** Table of the applied migrations. */
const TABLE = 'migrations';
/** Advisory lock: whoever migrates holds it until commit. */
const LOCK = 0x76656368;

/** The schema is older or newer than the code; the message says which migrations and what to do. */
export class SchemaVersionError extends Error {
  override readonly name = 'SchemaVersionError';
}

export interface SchemaDifference {
  /** In the code, not in the database. */
  readonly missing: readonly string[];
  /** In the database, unknown to the code. */
  readonly unknown: readonly string[];
}

/** Runs one statement without parameters and answers its rows. */
export type Ask = (text: string) => Promise<readonly object[]>;

/** Compares the applied migrations with those of the code. */
export async function schemaDifference(ask: Ask, migrations: readonly Migration[]): Promise<SchemaDifference> {
  const tables = await ask(`SELECT 1 WHERE to_regclass('${TABLE}') IS NOT NULL`);
  const applied = tables.length > 0 ? ((await ask(`SELECT name FROM ${TABLE} ORDER BY id`)) as { name: string }[]) : [];
  return compare(
    applied.map(({ name }) => name),
    migrations.map(({ name }) => name),
  );
}

export function compare(applied: readonly string[], wanted: readonly string[]): SchemaDifference {
  return { missing: wanted.filter((name) => !applied.includes(name)), unknown: applied.filter((name) => !wanted.includes(name)) };
}

/** For the start of a process: refuses a schema that lacks something. A newer one is fine, old and new pods run side by side. */
export async function requireSchema(ask: Ask, migrations: readonly Migration[]): Promise<void> {
  const { missing } = await schemaDifference(ask, migrations);
  if (missing.length > 0)
    throw new SchemaVersionError(
      `the database schema lacks ${missing.length} migration(s): ${missing.join(', ')}; run the migrate app against this database, then start again`,
    );
}

/**
 * Longest wait for a lock on a table. Everybody else who wants the table queues up behind the wait, so it must be shorter than the patience of
 * a client; the migrations are then rolled back and tried again.
 */
const LOCK_TIMEOUT_MS = 1000;
const ATTEMPTS = 20;
const LOCK_REFUSED = new Set(['55P03', '40P01']);

/**
 * Applies what is missing in one transaction: all or nothing. Two at once are safe, the second waits for the first and finds nothing to do.
 * @param url past any pooler; of several hosts the one that takes writes is used
 * @returns the names of the migrations that were applied now, in order.
 * @throws SchemaVersionError when the database is newer than the code.
 */
export async function migrate(url: string, migrations: readonly Migration[]): Promise<readonly string[]> {
  // A connection of its own, direct and without the timeouts of the service: building an index may take minutes.
  const dataSource = new DataSource({
    type: 'postgres',
    url: await writableUrl(url),
    migrations: [...migrations],
    migrationsTableName: TABLE,
    installExtensions: false,
    poolSize: 1,
    connectTimeoutMS: 10_000,
    logging: false,
  });
  await dataSource.initialize().catch((error: unknown) => {
    throw new Error(`the database does not answer: ${reasonOf(error)}`, { cause: error });
  });
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await applyMissing(dataSource, migrations);
      } catch (error) {
        if (!LOCK_REFUSED.has(sqlState(error)) || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 1000));
      }
    }
  } finally {
    await dataSource.destroy();
  }
}

async function applyMissing(dataSource: DataSource, migrations: readonly Migration[]): Promise<readonly string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    // Whatever role and database say: another migrator may take minutes.
    await runner.query('SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0');
    await runner.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await runner.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await refuseNewer((text) => runner.query(text), migrations);
    const applied = await new MigrationExecutor(dataSource, runner).executePendingMigrations();
    await runner.commitTransaction();
    return applied.map(({ name }) => name);
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

/** Of several hosts the one that takes writes. */
export async function writableUrl(url: string): Promise<string> {
  const hosts = new Hosts(url);
  if (hosts.several) await survey(hosts, new Incarnations(), { PG_QUERY_TIMEOUT_MS: 10_000 });
  return hosts.current;
}

/** A name with several addresses fails with one error for each and no text of its own. */
const reasonOf = (error: unknown): string => (error instanceof AggregateError ? error.errors.map(String).join(', ') : String(error));

async function refuseNewer(ask: Ask, migrations: readonly Migration[]): Promise<void> {
  const { unknown } = await schemaDifference(ask, migrations);
  if (unknown.length > 0)
    throw new SchemaVersionError(
      `the database is newer than this release: it has ${unknown.join(', ')}, which this release does not know; nothing was changed, use the newer release`,
    );
}
