import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createDatabase, type TestDatabase } from '@veche/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let created: TestDatabase;
beforeEach(async () => {
  created = await createDatabase();
});
afterEach(() => created.drop());

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The built app, as it is deployed. */
const migrate = (env: Record<string, string> = { PG_URL: created.url }, words: readonly string[] = []): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...words], { env: { PATH: process.env['PATH'] ?? '', ...env } }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

async function ask<Row extends object>(text: string): Promise<Row[]> {
  const client = new Client({ connectionString: created.url });
  await client.connect();
  const { rows } = await client.query<Row>(text);
  await client.end();
  return rows;
}

test('an empty database is brought to the current schema, and then there is nothing to do', async () => {
  const first = await migrate();
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toMatch(/^applied \d+ migrations:\n {2}CreateLog1763800000001\n/);
  expect(await migrate()).toEqual({ code: 0, out: 'the schema is current, nothing to do\n', err: '' });
});

test('who waits goes on once another has migrated, and says meanwhile what for', async () => {
  const child = spawn(process.execPath, [MAIN, 'wait'], { env: { PATH: process.env['PATH'] ?? '', PG_URL: created.url } });
  const ended = once(child, 'exit');
  child.stdout.setEncoding('utf8');
  const [waiting] = (await once(child.stdout, 'data')) as [string];
  expect(waiting).toMatch(/^waiting: the schema lacks CreateLog1763800000001, /);
  const there = once(child.stdout, 'data');
  await migrate();
  expect([await there, await ended]).toEqual([['the schema has what this release needs\n'], [0, null]]);
});

test('two at once: both end well, each migration is applied once', async () => {
  const ran = await Promise.all([migrate(), migrate()]);
  expect(ran.map(({ code }) => code)).toEqual([0, 0]);
  const names = (await ask<{ name: string }>('SELECT name FROM migrations')).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('the log has room for every slot', async () => {
  await migrate();
  await ask(
    `INSERT INTO event (slot, channel, seq, id, kind, actor, command_id, command, data) SELECT slot, 1, 1, gen_random_uuid(), 'k', 'a', 'c', 'c', '{}' FROM generate_series(0, 255) slot`,
  );
  expect(await ask('SELECT count(*)::int AS events FROM event')).toEqual([{ events: 256 }]);
});

test('a database of a newer release is left alone, in words that say what to do', async () => {
  await migrate();
  await ask(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')`);
  const { code, err } = await migrate();
  expect(code).toBe(1);
  expect(err).toMatch(/newer than this release: it has FromTheFuture9999999999999.*use the newer release/);
});

test('without a database it says which variable is missing or who does not answer', async () => {
  expect(await migrate({})).toMatchObject({ code: 1, err: expect.stringContaining('PG_URL is required') as string });
  expect(await migrate({ PG_URL: 'postgres://postgres@127.0.0.1:1/none' })).toMatchObject({
    code: 1,
    err: expect.stringContaining('does not answer') as string,
  });
});

test('after a restore every channel gets a new epoch, but only from somebody who means it', async () => {
  await migrate();
  await ask(`INSERT INTO channel (slot, name, epoch) SELECT n % 256, 'news:' || n, 'before' FROM generate_series(1, 12000) n`);
  expect(await migrate({ PG_URL: created.url }, ['new-epochs'])).toMatchObject({ code: 1, err: expect.stringContaining('new-epochs --yes') as string });
  expect(await ask(`SELECT count(*)::int AS n FROM channel WHERE epoch = 'before'`)).toEqual([{ n: 12_000 }]);
  expect(await migrate({ PG_URL: created.url }, ['new-epochs', '--yes'])).toEqual({ code: 0, out: '12000 channels have a new epoch\n', err: '' });
  expect(await ask(`SELECT count(DISTINCT epoch)::int AS n, bool_and(epoch ~ '^[A-Za-z0-9_-]{8}$') AS formed FROM channel`)).toEqual([
    { n: 12_000, formed: true },
  ]);
  expect(await migrate({ PG_URL: created.url }, ['renew'])).toMatchObject({ code: 1, err: expect.stringContaining('there is no verb renew') as string });
});

test('migrations take the direct road, past the pooler', async () => {
  expect(await migrate({ PG_URL: 'postgres://postgres@127.0.0.1:1/pooler', PG_DIRECT_URL: created.url })).toMatchObject({ code: 0, err: '' });
});
