import { createHash, randomUUID } from 'node:crypto';
import { withClient } from './with-client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the superuser on the private Postgres of this run. */
    pgUrl: string;
  }
}

/** How a database is made ready, once per run; every file then gets a copy in some 30 ms. */
export interface Template {
  /** Names what `prepare` makes: two templates of one name must prepare the same. */
  readonly name: string;
  /** Runs the migrations; must have closed its connections when it resolves, else nobody can copy. */
  readonly prepare: (url: string) => Promise<void>;
}

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Fails when somebody is still connected: a pool that was not closed is a bug of the code or of the test. */
  drop(): Promise<void>;
}

/** Makes a database of its own for the calling test file, on the run's private server. */
export async function createDatabase(template?: Template, adminUrl?: string): Promise<TestDatabase> {
  const admin = adminUrl ?? (await runUrl());
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const source = template && (await templateDatabase(admin, template));
  await withClient(admin, (client) => client.query(`CREATE DATABASE ${name}${source ? ` TEMPLATE ${source}` : ''}`));
  return { url: withDatabase(admin, name), name, drop: () => drop(admin, name) };
}

/** Imported late, so that tools may use the rest of this package outside a test run. */
async function runUrl(): Promise<string> {
  const { inject } = await import('vitest');
  return inject('pgUrl');
}

/** Test files run in several processes: a lock in the database lets one prepare while the others wait. */
async function templateDatabase(admin: string, { name, prepare }: Template): Promise<string> {
  const digest = createHash('sha256').update(name).digest();
  const database = `template_${digest.toString('hex', 0, 8)}`;
  await withClient(admin, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [digest.readInt32BE(0)]);
    const made = await client.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [database]);
    if (made.rows[0]?.datistemplate) return;
    // Left half prepared by a `prepare` that threw.
    if (made.rowCount) await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${database}`);
    await prepare(withDatabase(admin, database));
    await client.query(`ALTER DATABASE ${database} IS_TEMPLATE true`);
  });
  return database;
}

async function drop(admin: string, name: string): Promise<void> {
  await withClient(admin, async (client) => {
    // A backend needs a moment to notice that its client has gone; DROP itself waits 5 s for that.
    const open = await client.query(`DROP DATABASE ${name}`).then(
      () => undefined,
      () => client.query('SELECT application_name, state, left(query, 120) AS query FROM pg_stat_activity WHERE datname = $1', [name]),
    );
    if (!open) return;
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    throw new Error(`${open.rowCount} connections to the test's database were left open: ${JSON.stringify(open.rows)}`);
  });
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
