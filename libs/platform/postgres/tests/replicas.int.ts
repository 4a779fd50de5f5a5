import { type OpenDatabase, openDatabase, sqlState } from '@veche/platform-postgres';
import { createDatabase, type TestDatabase } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

/** Two databases stand in for a primary and its replica: who answered is seen in the answer. */
let primary: TestDatabase;
let replica: TestDatabase;
let ours: OpenDatabase;
beforeAll(async () => {
  primary = await createDatabase();
  replica = await createDatabase();
});
afterEach(() => ours.close());
afterAll(async () => {
  await primary.drop();
  await replica.drop();
});

const DEAD = 'postgres://postgres@127.0.0.1:1/nobody';
const WHERE = { text: 'SELECT current_database() AS name' };
const answering = async (): Promise<unknown> => (await ours.database.read<{ name: string }>(WHERE))[0]?.name;

test('reads that may be late go to the replica, everything else to the primary', async () => {
  ours = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [replica.url] });
  expect(await answering()).toBe(replica.name);
  expect(await ours.database.query(WHERE)).toEqual([{ name: primary.name }]);
  expect(await ours.database.transaction((tx) => tx.query(WHERE))).toEqual([{ name: primary.name }]);
});

test('a dead replica does not stop the start: the next answers, and without one the primary', async () => {
  ours = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [DEAD, replica.url] });
  expect([await answering(), await answering(), await answering()]).toEqual([replica.name, replica.name, replica.name]);
  await ours.close();
  ours = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [DEAD] });
  expect([await answering(), await answering()]).toEqual([primary.name, primary.name]);
});

test('a statement that a replica refuses is judged by the primary: a table may not have arrived yet', async () => {
  ours = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [replica.url] });
  await ours.database.query({ text: 'CREATE TABLE only_here AS SELECT 1 AS one' });
  expect(await ours.database.read({ text: 'SELECT one FROM only_here' })).toEqual([{ one: 1 }]);
  expect(sqlState(await ours.database.read({ text: 'SELECT FROM nowhere' }).catch((error: unknown) => error))).toBe('42P01');
  expect(await answering()).toBe(replica.name);
});

test('reads are spread over the replicas', async () => {
  const second = await createDatabase();
  ours = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [replica.url, second.url] });
  const names = await Promise.all(Array.from({ length: 10 }, answering));
  expect([replica.name, second.name].map((name) => names.filter((each) => each === name).length)).toEqual([5, 5]);
  await ours.close();
  await second.drop();
});
