import { DatabaseUnavailableError, type OpenDatabase, openDatabase, sqlState, UnknownOutcomeError } from '@veche/platform-postgres';
import { createDatabase, eventually, type TestDatabase } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

let created: TestDatabase;
const opened: OpenDatabase[] = [];
beforeAll(async () => {
  created = await createDatabase();
  const { database } = await open();
  await database.query({ text: 'CREATE TABLE account (name text PRIMARY KEY, balance bigint DEFAULT 0)' });
});
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});
afterAll(() => created.drop());

async function open(settings: Partial<Parameters<typeof openDatabase>[0]> = {}): Promise<OpenDatabase> {
  const database = await openDatabase({ PG_URL: created.url, ...settings });
  opened.push(database);
  return database;
}

const connections = async ({ database }: OpenDatabase): Promise<number> =>
  (
    await database.query<{ n: number }>({
      text: `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    })
  )[0]?.n ?? 0;

/** Something that runs within COMMIT. */
const atCommit = async ({ database }: OpenDatabase, body: string): Promise<void> => {
  await database.query({ text: `CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NULL; END $$` });
  await database.query({ text: 'CREATE TABLE IF NOT EXISTS deferred (one int)' });
  await database.query({ text: 'DROP TRIGGER IF EXISTS late ON deferred' });
  await database.query({
    text: 'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()',
  });
};
const INSERT_DEFERRED = { text: 'INSERT INTO deferred VALUES (1)' };

describe('a transaction', () => {
  test('is applied as a whole, or not at all when its function throws', async () => {
    const { database } = await open();
    await database.transaction((tx) => tx.query({ text: `INSERT INTO account VALUES ('kept', 1)` }));
    const thrown = new TypeError('a bug');
    await expect(
      database.transaction(async (tx) => {
        await tx.query({ text: `INSERT INTO account VALUES ('gone', 1)` });
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(await database.query({ text: 'SELECT name FROM account' })).toEqual([{ name: 'kept' }]);
  });

  test("the server's refusal keeps its SQLSTATE, and the connection is good for the next", async () => {
    const { database } = await open({ PG_POOL_SIZE: 1, PG_MAX_OVERFLOW: 0 });
    const [before] = await database.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
    const twice = database.transaction((tx) => tx.query({ text: `INSERT INTO account VALUES ('twice', 1), ('twice', 2)` }));
    expect(sqlState(await twice.catch((error: unknown) => error))).toBe('23505');
    expect(await database.query({ text: 'SELECT pg_backend_pid() AS pid' })).toEqual([before]);
  });

  test('a statement that failed unseen fails the transaction', async () => {
    const { database } = await open();
    await expect(database.transaction((tx) => tx.query({ text: 'SELECT 1/0' }).catch(() => 'swallowed'))).rejects.toThrow('rolled back');
  });

  test('statements that are sent together run in order', async () => {
    const { database } = await open();
    const rows = await database.transaction((tx) =>
      Promise.all(
        [1, 2, 3].map((n) =>
          tx.query<{ n: number; same: boolean }>({ name: 'together', text: 'SELECT $1::int AS n, now() = transaction_timestamp() AS same', values: [n] }),
        ),
      ),
    );
    expect(rows.flat().map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  test('lost before COMMIT it is certainly not applied', async () => {
    const { database } = await open();
    const lost = database.transaction(async (tx) => {
      await tx.query({ text: `INSERT INTO account VALUES ('lost', 1)` });
      await tx.query({ text: 'SELECT pg_terminate_backend(pg_backend_pid())' });
    });
    await expect(lost).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect(await database.query({ text: `SELECT FROM account WHERE name = 'lost'` })).toEqual([]);
  });
});

describe('an outcome that nobody knows', () => {
  test('a connection lost within COMMIT', async () => {
    const ours = await open();
    await atCommit(ours, 'PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5);');
    await expect(ours.database.transaction((tx) => tx.query(INSERT_DEFERRED))).rejects.toBeInstanceOf(UnknownOutcomeError);
  });

  test('a warning at COMMIT, as a cancelled wait for a standby gives', async () => {
    const ours = await open();
    await atCommit(ours, `RAISE WARNING 'canceling wait for synchronous replication due to user request';`);
    await expect(ours.database.transaction((tx) => tx.query(INSERT_DEFERRED))).rejects.toBeInstanceOf(UnknownOutcomeError);
    await expect(ours.database.query(INSERT_DEFERRED)).rejects.toBeInstanceOf(UnknownOutcomeError);
  });

  test('a COMMIT that is not answered in time: its connection is closed, not given to the next', async () => {
    const ours = await open({ PG_POOL_SIZE: 1, PG_MAX_OVERFLOW: 0, PG_STATEMENT_TIMEOUT_MS: 10_000, PG_QUERY_TIMEOUT_MS: 300 });
    await atCommit(ours, 'PERFORM pg_sleep(1);');
    await expect(ours.database.transaction((tx) => tx.query(INSERT_DEFERRED))).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(await ours.database.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
  });

  test('a refusal at COMMIT is a failure and nothing else', async () => {
    const ours = await open();
    await atCommit(ours, `RAISE EXCEPTION 'not today' USING ERRCODE = '23514';`);
    expect(sqlState(await ours.database.transaction((tx) => tx.query(INSERT_DEFERRED)).catch((error: unknown) => error))).toBe('23514');
  });
});

describe('timeouts', () => {
  test('a long statement is cancelled by the server and certainly not applied', async () => {
    const { database } = await open({ PG_STATEMENT_TIMEOUT_MS: 100 });
    await expect(database.query({ text: 'SELECT pg_sleep(3)' })).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });

  test('a lock that another holds is not waited for longer than its timeout', async () => {
    const { database } = await open({ PG_LOCK_TIMEOUT_MS: 50 });
    await database.transaction(async (tx) => {
      await tx.query({ text: 'LOCK TABLE account' });
      await expect(database.query({ text: 'SELECT FROM account' })).rejects.toBeInstanceOf(DatabaseUnavailableError);
    });
  });

  test('a transaction that sits idle is ended by the server, and the process lives on', async () => {
    const ours = await open({ PG_IDLE_IN_TX_TIMEOUT_MS: 100 });
    const others = await open();
    const idle = ours.database.transaction(async (tx) => {
      await tx.query({ text: 'SELECT 1' });
      await eventually(async () => (await connections(others)) === 0);
      await tx.query({ text: 'SELECT 1' });
    });
    await expect(idle).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });
});

describe('the pool', () => {
  test('grows by the overflow under load, never beyond, and falls back when it is idle', async () => {
    const ours = await open({ PG_POOL_SIZE: 3, PG_MAX_OVERFLOW: 2, PG_OVERFLOW_IDLE_MS: 100 });
    const others = await open();
    const load = Promise.all(Array.from({ length: 20 }, () => ours.database.query({ text: 'SELECT pg_sleep(0.05)' })));
    await eventually(async () => (await connections(others)) === 5);
    await load;
    await eventually(async () => (await connections(others)) === 3);
  });

  test('has 15 connections at its peak and 10 at rest, as the defaults say', async () => {
    const ours = await open({ PG_OVERFLOW_IDLE_MS: 100 });
    const others = await open();
    const load = Promise.all(Array.from({ length: 60 }, () => ours.database.query({ text: 'SELECT pg_sleep(0.05)' })));
    let peak = 0;
    await eventually(async () => (peak = Math.max(peak, await connections(others))) === 15);
    await load;
    await eventually(async () => ((peak = Math.max(peak, await connections(others))), await connections(others)) === 10);
    expect(peak).toBe(15);
  });

  test('connections that the server ends while they are idle are replaced, and no error escapes', async () => {
    const ours = await open();
    const others = await open();
    await Promise.all([1, 2, 3].map(() => ours.database.query({ text: 'SELECT pg_sleep(0.02)' })));
    await others.database.query({
      text: 'SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    });
    expect(await eventually(() => ours.database.query({ text: 'SELECT 1 AS one' }))).toEqual([{ one: 1 }]);
  });

  test('a caller that gets no connection in time is told that nothing was done', async () => {
    const { database } = await open({ PG_POOL_SIZE: 1, PG_MAX_OVERFLOW: 0, PG_CONNECT_TIMEOUT_MS: 50 });
    await database.transaction(async () => {
      await expect(database.query({ text: 'SELECT 1' })).rejects.toBeInstanceOf(DatabaseUnavailableError);
    });
  });
});

test('a bigint is a number, and one that a number cannot hold is an error', async () => {
  const { database } = await open();
  expect(await database.query({ text: 'SELECT 9007199254740991::bigint AS seq, ARRAY[1, NULL, 3]::bigint[] AS list' })).toEqual([
    { seq: 9007199254740991, list: [1, null, 3] },
  ]);
  await expect(database.query({ text: 'SELECT 9007199254740993::bigint AS seq' })).rejects.toThrow();
  expect(await database.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
});
