import { EventLog } from '@veche/event-log';
import { type OpenDatabase, openDatabase } from '@veche/platform-postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendItems, type Ground, openGround, upTo } from './ground.ts';

const CHANNEL = 'news:late';
const items = (from: number, to: number) =>
  upTo(to)
    .slice(from - 1)
    .map((i) => ({ channel: CHANNEL, id: `${i}` }));

/** A second database stands in for a replica that has seen 5 of 8 events; `marked` tells which of the two answered. */
let primary: Ground;
let replica: Ground;
let both: OpenDatabase;
let log: EventLog;
beforeAll(async () => {
  [primary, replica] = await Promise.all([openGround(), openGround()]);
  await appendItems(primary, items(1, 8));
  await appendItems(replica, items(1, 5));
  const position = await primary.log.position(CHANNEL);
  await replica.database.query({ text: 'UPDATE channel SET epoch = $1', values: [position?.epoch] });
  await replica.database.query({ text: `UPDATE event SET kind = 'marked'` });
  both = await openDatabase({ PG_URL: primary.url, PG_REPLICA_URLS: [replica.url] });
  log = new EventLog(both.database);
});
afterAll(async () => {
  await both.close();
  await primary.close();
  await replica.close();
});

const read = async (request: Parameters<EventLog['read']>[1]) => {
  const page = await log.read(CHANNEL, request);
  return { top: page?.last_seq, seqs: page?.events.map(({ seq }) => seq), from: page?.events.some(({ kind }) => kind === 'marked') ? 'replica' : 'primary' };
};

test('a replica answers up to what is known to be committed, and no further: what it has beyond may still be lost', async () => {
  expect(await read({ after: 2, limit: 10, atLeast: 5 })).toEqual({ top: 5, seqs: [3, 4, 5], from: 'replica' });
  expect(await read({ after: 2, limit: 10, atLeast: 4 })).toEqual({ top: 4, seqs: [3, 4], from: 'replica' });
  expect(await read({ before: 5, limit: 2 })).toEqual({ top: 4, seqs: [3, 4], from: 'replica' });
});

test('without anything known to be committed the primary answers: what is asked for is the newest', async () => {
  expect(await read({ after: 2, limit: 10 })).toMatchObject({ top: 8, from: 'primary' });
  expect(await read({ limit: 2 })).toEqual({ top: 8, seqs: [7, 8], from: 'primary' });
});

test('a replica that is older than the position asked from does not answer', async () => {
  expect(await read({ after: 6, limit: 10 })).toEqual({ top: 8, seqs: [7, 8], from: 'primary' });
});

test('a replica that has not seen what is known to exist does not answer', async () => {
  expect(await read({ after: 2, limit: 10, atLeast: 8 })).toEqual({ top: 8, seqs: [3, 4, 5, 6, 7, 8], from: 'primary' });
});

test('a channel that the replica has not heard of is read from the primary', async () => {
  await appendItems(primary, [{ channel: 'news:new', id: '1' }]);
  expect((await log.read('news:new', { after: 0, limit: 10 }))?.events.length).toBe(1);
});

test('a quiet channel is compared on the replica alone, and what differs there is asked of the primary', async () => {
  const now = await primary.log.position(CHANNEL);
  expect(await log.positions([{ channel: CHANNEL, epoch: now?.epoch ?? '', seq: 8 }])).toEqual([]);
  expect(await log.positions([{ channel: CHANNEL, epoch: now?.epoch ?? '', seq: 3 }])).toEqual([now]);
  // Nothing is known of it: a replica that has not heard of a channel must not make it one that does not exist.
  expect(await log.positions([{ channel: CHANNEL, epoch: '', seq: -1 }])).toEqual([now]);
  expect(await log.positions([{ channel: CHANNEL, epoch: 'old', seq: 3 }])).toEqual([now]);
});
