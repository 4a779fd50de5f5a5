import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendItems, type Ground, openGround, upTo } from './ground.ts';

let ground: Ground;
const CHANNEL = 'news:pages';
beforeAll(async () => {
  ground = await openGround();
  await appendItems(
    ground,
    upTo(50).map((i) => ({ channel: CHANNEL, id: `${i}`, data: JSON.stringify('x'.repeat(98)) })),
  );
});
afterAll(() => ground.close());

const seqs = (page: Awaited<ReturnType<Ground['log']['read']>>) => page?.events.map(({ seq }) => seq);
const range = (from: number, to: number) => upTo(to).slice(from - 1);

test('pages ascend behind `after` until the page is empty', async () => {
  expect(seqs(await ground.log.read(CHANNEL, { after: 0, limit: 20 }))).toEqual(range(1, 20));
  expect(seqs(await ground.log.read(CHANNEL, { after: 40, limit: 20 }))).toEqual(range(41, 50));
  const end = await ground.log.read(CHANNEL, { after: 50, limit: 20 });
  expect(end).toMatchObject({ events: [], first_seq: 1, last_seq: 50 });
});

test('`before` gives the newest events in front of it, ascending; without both the newest of all', async () => {
  expect(seqs(await ground.log.read(CHANNEL, { before: 31, limit: 10 }))).toEqual(range(21, 30));
  expect(seqs(await ground.log.read(CHANNEL, { before: 4, limit: 10 }))).toEqual([1, 2, 3]);
  expect(seqs(await ground.log.read(CHANNEL, { before: 1, limit: 10 }))).toEqual([]);
  expect(seqs(await ground.log.read(CHANNEL, { limit: 3 }))).toEqual([48, 49, 50]);
});

test('a page ends before it exceeds its bytes, in both directions, but never before its first event', async () => {
  expect(seqs(await ground.log.read(CHANNEL, { after: 10, limit: 20, maxBytes: 350 }))).toEqual([11, 12, 13]);
  expect(seqs(await ground.log.read(CHANNEL, { before: 11, limit: 20, maxBytes: 350 }))).toEqual([8, 9, 10]);
  expect(seqs(await ground.log.read(CHANNEL, { after: 10, limit: 20, maxBytes: 1 }))).toEqual([11]);
});

test('a limit beyond the bounds is brought into them', async () => {
  expect(seqs(await ground.log.read(CHANNEL, { after: 0, limit: 0 }))).toEqual([1]);
  expect(seqs(await ground.log.read(CHANNEL, { after: 0, limit: 1e9 }))).toEqual(range(1, 50));
});

test('there is no page of a channel that does not exist, and an empty one of a channel that has just been opened', async () => {
  expect(await ground.log.read('news:none', { after: 0, limit: 10 })).toBeUndefined();
  const { epoch } = await ground.log.open('news:open');
  expect(await ground.log.read('news:open', { after: 0, limit: 10 })).toEqual({ epoch, first_seq: 1, last_seq: 0, events: [] });
});

test('opening twice, and at once, gives one epoch', async () => {
  const opened = await Promise.all(upTo(8).map(() => ground.log.open('news:race')));
  expect(new Set(opened.map(({ epoch }) => epoch)).size).toBe(1);
  expect(opened[0]).toEqual(await ground.log.position('news:race'));
  expect(await ground.log.position('news:never')).toBeUndefined();
});

test('positions are answered for those channels only that stand elsewhere than believed', async () => {
  const here = await ground.log.open(CHANNEL);
  const quiet = await ground.log.open('news:quiet');
  const restored = { ...(await ground.log.open('news:restored')), epoch: 'before' };
  const changed = await ground.log.positions([here, { ...here, channel: 'news:missing' }, { ...quiet, seq: 3 }, restored]);
  expect(changed.toSorted((a, b) => a.channel.localeCompare(b.channel))).toEqual([quiet, await ground.log.position('news:restored')]);
  expect(await ground.log.positions([])).toEqual([]);
});
