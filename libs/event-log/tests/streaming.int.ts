import { EventLog, eventLogMigrations } from '@veche/event-log';
import { migrate, type OpenDatabase, openDatabase } from '@veche/platform-postgres';
import { eventually, type PrimaryServer, type ReplicaServer, startPrimary, startReplica } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendItems, type Ground, upTo } from './ground.ts';

/** Long enough that every read below comes before the replica has applied what was just written. */
const LATE_MS = 1500;
const CHANNEL = 'news:streamed';
const items = (from: number, count: number) => upTo(count).map((i) => ({ channel: CHANNEL, id: `${from + i}` }));

let primary: PrimaryServer;
let replica: ReplicaServer;
let opened: OpenDatabase;
let ground: Pick<Ground, 'database' | 'log'>;
beforeAll(async () => {
  primary = await startPrimary({ durable: false });
  await migrate(primary.url, eventLogMigrations);
  replica = await startReplica(primary, { durable: false, settings: { recovery_min_apply_delay: `${LATE_MS}ms` } });
  opened = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [replica.url] });
  ground = { database: opened.database, log: new EventLog(opened.database) };
});
afterAll(async () => {
  await opened.close();
  await replica.remove();
  await primary.remove();
});

const onReplica = async (): Promise<number | undefined> =>
  (await ground.database.read<{ seq: number }>({ text: 'SELECT last_seq AS seq FROM channel WHERE name = $1', values: [CHANNEL] }))[0]?.seq;
const seqs = async (after: number, atLeast: number) => (await ground.log.read(CHANNEL, { after, atLeast, limit: 100 }))?.events.map(({ seq }) => seq);

test('what was just written is read at once, although the replica is late', async () => {
  await appendItems(ground, items(0, 5));
  expect(await onReplica()).toBeUndefined();
  expect(await seqs(0, 5)).toEqual(upTo(5));
  const position = await ground.log.position(CHANNEL);
  expect(await ground.log.positions([{ channel: CHANNEL, epoch: '', seq: -1 }])).toEqual([position]);
  expect(await ground.log.positions([{ channel: CHANNEL, epoch: position?.epoch ?? '', seq: 5 }])).toEqual([]);
});

test('a reader that goes on page by page meets no hole, whoever answers each page', async () => {
  await eventually(async () => (await onReplica()) === 5);
  await appendItems(ground, items(5, 5));
  const seen: number[] = [];
  while (seen.length < 10) seen.push(...((await ground.log.read(CHANNEL, { after: seen.length, atLeast: 10, limit: 3 }))?.events ?? []).map(({ seq }) => seq));
  expect(seen).toEqual(upTo(10));
});

test('the replica answers what is known to be committed even while the primary is away', async () => {
  await eventually(async () => (await onReplica()) === 10);
  await primary.stop();
  expect(await seqs(4, 8)).toEqual([5, 6, 7, 8]);
  await expect(ground.log.read(CHANNEL, { after: 4, limit: 100 })).rejects.toMatchObject({ error: 'unavailable' });
  await primary.start();
  expect(await eventually(() => seqs(4, 0))).toEqual([5, 6, 7, 8, 9, 10]);
});
