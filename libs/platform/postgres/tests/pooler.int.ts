import { execFileSync } from 'node:child_process';
import { DatabaseUnavailableError, type OpenDatabase, openDatabase, sqlState } from '@veche/platform-postgres';
import { createDatabase, eventually, type PgBouncerServer, startPgBouncer, type TestDatabase } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';

/** Few server connections for many clients: each of ours meets those that the others have used. */
const SERVERS = 2;
let pooler: PgBouncerServer;
let created: TestDatabase;
const opened: OpenDatabase[] = [];
beforeAll(async () => {
  created = await createDatabase();
  pooler = await startPgBouncer({ upstream: inject('pgUrl'), poolSize: SERVERS });
  const direct = await openDatabase({ PG_URL: created.url });
  await direct.database.query({ text: 'CREATE TABLE account (name text PRIMARY KEY, balance bigint DEFAULT 0)' });
  await direct.close();
});
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});
afterAll(async () => {
  await pooler.remove();
  await created.drop();
});

async function open(settings: Partial<Parameters<typeof openDatabase>[0]> = {}): Promise<OpenDatabase> {
  const database = await openDatabase({ PG_URL: pooler.urlOf(created.url), ...settings });
  opened.push(database);
  return database;
}

/** From 1.21 on, and switched on by default from 1.24 on. */
const carriesNames = (): boolean => {
  const [, minor] = /PgBouncer 1\.(\d+)/.exec(execFileSync('pgbouncer', ['--version'], { encoding: 'utf8' })) ?? [];
  return Number(minor) >= 24;
};

const elapsed = async (work: Promise<unknown>): Promise<{ readonly ms: number; readonly error: unknown }> => {
  const start = performance.now();
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { ms: performance.now() - start, error };
};

describe('through a pooler in transaction mode, which is found out', () => {
  test('statements with one name run on whatever connection is given, all at once', async () => {
    const { database } = await open();
    const statement = (n: number) => ({ name: 'same-name', text: 'SELECT $1::int AS n, pg_backend_pid() AS pid', values: [n] });
    const rows = (await Promise.all(Array.from({ length: 60 }, (_, n) => database.query<{ n: number; pid: number }>(statement(n))))).flat();
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(new Set(rows.map(({ pid }) => pid)).size).toBeLessThanOrEqual(SERVERS);
  });

  test('statements with a name are prepared where the pooler carries names, and nowhere else', async () => {
    const { database } = await open();
    const statement = { name: 'asked-often', text: 'SELECT 1 AS asked_often' };
    for (let i = 0; i < 2 * SERVERS; i++) await database.query(statement);
    const rows = await database.query<{ name: string }>({
      text: `SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT 1 AS asked_often%' AND name <> ''`,
    });
    expect(rows.length > 0).toBe(carriesNames());
    expect(rows.map(({ name }) => name)).not.toContain('asked-often');
  });

  test('what is declared is not looked for', async () => {
    const { database } = await open({ PG_POOLER: 'transaction' });
    expect(await Promise.all([1, 2, 3].map((n) => database.query({ name: 'declared', text: 'SELECT $1::int AS n', values: [n] })))).toEqual([
      [{ n: 1 }],
      [{ n: 2 }],
      [{ n: 3 }],
    ]);
  });

  test('statements of a transaction that are sent together meet one server, in order, whatever others do meanwhile', async () => {
    const { database } = await open();
    const transaction = (who: number) =>
      database.transaction(async (tx) => {
        const ask = (n: number) =>
          tx.query<{ n: number; pid: number; id: string }>({
            name: `asks-${n}`,
            text: 'SELECT $1::int AS n, pg_backend_pid() AS pid, pg_current_xact_id()::text AS id',
            values: [n],
          });
        const together = await Promise.all([1, 2, 3].map(ask));
        const later = await Promise.all([4, 5].map(ask));
        const rows = [...together, ...later].flat();
        await tx.query({ text: 'INSERT INTO account (name) VALUES ($1)', values: [`t${who}`] });
        expect(rows.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
        expect(new Set(rows.map(({ pid, id }) => `${pid} ${id}`)).size).toBe(1);
        return rows[0]?.id;
      });
    const ids = await Promise.all(Array.from({ length: 60 }, (_, who) => transaction(who)));
    expect(new Set(ids).size).toBe(60);
    expect(await database.query({ text: 'SELECT count(*)::int AS n FROM account' })).toEqual([{ n: 60 }]);
  });

  test('pg_sleep(3) is cancelled at 2 s, as a statement and in a transaction', async () => {
    const { database } = await open();
    const both = await Promise.all([
      elapsed(database.query({ text: 'SELECT pg_sleep(3)' })),
      elapsed(database.transaction((tx) => tx.query({ text: 'SELECT pg_sleep(3)' }))),
    ]);
    for (const { ms, error } of both) {
      expect(error).toBeInstanceOf(DatabaseUnavailableError);
      expect(sqlState((error as DatabaseUnavailableError).cause)).toBe('57014');
      expect(ms).toBeGreaterThan(1900);
      expect(ms).toBeLessThan(2900);
    }
  });

  test('a transaction that sits idle is ended by the server at 5 s, and its lock is free', async () => {
    const { database } = await open();
    const began = performance.now();
    const { database: others } = await open();
    await database.query({ text: `INSERT INTO account VALUES ('locked', 1)` });
    const locked = () =>
      others.query({ text: `SELECT FROM account WHERE name = 'locked' FOR UPDATE NOWAIT` }).then(
        () => false,
        () => true,
      );
    const idle = database.transaction(async (tx) => {
      await tx.query({ text: `UPDATE account SET balance = 2 WHERE name = 'locked'` });
      expect(await locked()).toBe(true);
      await eventually(async () => !(await locked()), { timeoutMs: 8000 });
      expect(performance.now() - began).toBeGreaterThan(4900);
      await tx.query({ text: 'SELECT 1' });
    });
    await expect(idle).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect(await database.query({ text: `SELECT balance FROM account WHERE name = 'locked'` })).toEqual([{ balance: 1 }]);
  });

  test('timeouts of one process bind nobody else on the same server connections', async () => {
    const { database: impatient } = await open({ PG_STATEMENT_TIMEOUT_MS: 50 });
    const { database: patient } = await open();
    const refused = Promise.all(
      Array.from({ length: 4 }, () =>
        impatient.query({ text: 'SELECT pg_sleep(0.3)' }).then(
          () => 'ran',
          () => 'cancelled',
        ),
      ),
    );
    const ran = Promise.all(
      Array.from({ length: 4 }, () =>
        patient.query({ text: 'SELECT pg_sleep(0.3)' }).then(
          () => 'ran',
          () => 'cancelled',
        ),
      ),
    );
    expect(await refused).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    expect(await ran).toEqual(['ran', 'ran', 'ran', 'ran']);
  });

  test('what the server refuses keeps its SQLSTATE and leaves nothing behind', async () => {
    const { database } = await open({ PG_POOL_SIZE: 1, PG_MAX_OVERFLOW: 0 });
    await database.query({ text: `INSERT INTO account VALUES ('once', 1)` });
    const again = database.query({ text: `INSERT INTO account VALUES ('once', 2)` });
    expect(sqlState(await again.catch((error: unknown) => error))).toBe('23505');
    expect(await database.query({ text: `SELECT balance FROM account WHERE name = 'once'` })).toEqual([{ balance: 1 }]);
  });

  test('many clients share few server connections', async () => {
    const processes = await Promise.all(Array.from({ length: 10 }, () => open()));
    const answers = await Promise.all(processes.flatMap(({ database }) => Array.from({ length: 10 }, () => database.query({ text: 'SELECT 1 AS one' }))));
    expect(answers).toHaveLength(100);
    const direct = await openDatabase({ PG_URL: created.url });
    opened.push(direct);
    const [row] = await direct.database.query<{ n: number }>({
      text: `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    });
    expect(row?.n).toBeLessThanOrEqual(SERVERS);
  });

  test('a pooler that is killed ends statements typed, and is used again when it is back', async () => {
    const { database } = await open();
    await database.query({ text: 'SELECT 1' });
    await pooler.kill();
    const { ms, error } = await elapsed(database.query({ text: 'SELECT 1' }));
    expect(error).toMatchObject({ error: expect.stringMatching(/^(unavailable|outcome_unknown)$/) as string });
    expect(ms).toBeLessThan(2000);
    await pooler.start();
    expect(await eventually(() => database.query({ text: 'SELECT 1 AS one' }))).toEqual([{ one: 1 }]);
  });

  test('a pooler that has no server connection left ends a transaction as not applied, and the next one goes on', async () => {
    const { database } = await open({ PG_STATEMENT_TIMEOUT_MS: 200, PG_QUERY_TIMEOUT_MS: 400 });
    const { database: others } = await open();
    await Promise.all([database.query({ text: 'SELECT 1' }), others.query({ text: 'SELECT 1' })]);
    const release = Promise.withResolvers<void>();
    const holders = Array.from({ length: SERVERS }, () => Promise.withResolvers<void>());
    const held = holders.map(({ resolve }) =>
      others.transaction(async (tx) => {
        await tx.query({ text: 'SELECT 1' });
        resolve();
        await release.promise;
      }),
    );
    await Promise.all(holders.map(({ promise }) => promise));
    const refused = await elapsed(database.transaction((tx) => tx.query({ text: `INSERT INTO account VALUES ('crowded', 1)` })));
    expect(refused.error).toBeInstanceOf(DatabaseUnavailableError);
    expect(refused.ms).toBeLessThan(1500);
    release.resolve();
    await Promise.all(held);
    expect(await eventually(() => database.query({ text: `SELECT count(*)::int AS n FROM account WHERE name = 'crowded'` }))).toEqual([{ n: 0 }]);
  });

  test('the planner settings of the append hold, and end with the transaction', async () => {
    const { database } = await open();
    const show = { text: `SELECT current_setting('enable_seqscan') AS scans, current_setting('statement_timeout') AS timeout` };
    expect(await database.transaction((tx) => tx.query(show), { planner: 'indexed' })).toEqual([{ scans: 'off', timeout: '2s' }]);
    expect(await database.query(show)).toEqual([{ scans: 'on', timeout: '2s' }]);
  });
});

test('a pool is closed although the pooler is frozen, and no connection keeps the process', async () => {
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const before = sockets();
  const { database, close } = await openDatabase({ PG_URL: pooler.urlOf(created.url), PG_POOL_SIZE: 4 });
  await Promise.all(Array.from({ length: 4 }, () => database.query({ text: 'SELECT 1' })));
  expect(sockets()).toBeGreaterThan(before);
  pooler.freeze();
  try {
    await close();
    await eventually(() => sockets() <= before, { timeoutMs: 3000, what: 'all sockets are closed' });
  } finally {
    pooler.thaw();
  }
});
