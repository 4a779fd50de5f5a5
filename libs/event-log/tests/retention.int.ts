import { afterAll, beforeAll, expect, test } from 'vitest';
import { trimChannel } from '../src/retention/trim.repository.ts';
import { appendItems, type Ground, openGround, upTo } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const HOUR = 3_600_000;
const fill = (channel: string, count: number) =>
  appendItems(
    ground,
    upTo(count).map((i) => ({ channel, id: `${i}` })),
  );
const age = (channel: string, upToSeq: number, ms: number) =>
  ground.database.query({
    text: `UPDATE event SET created_at = created_at - $3 * interval '1 millisecond' WHERE channel = (SELECT id FROM channel WHERE name = $1) AND seq <= $2`,
    values: [channel, upToSeq, ms],
  });
const rows = async (channel: string) =>
  (
    await ground.database.query<{ seq: number }>({
      text: 'SELECT seq FROM event WHERE channel = (SELECT id FROM channel WHERE name = $1) ORDER BY seq',
      values: [channel],
    })
  ).map(({ seq }) => seq);
const page = async (channel: string) => {
  const read = await ground.log.read(channel, { after: 0, limit: 1000 });
  return { first: read?.first_seq, last: read?.last_seq, seqs: read?.events.map(({ seq }) => seq) };
};

test('beyond the size events are hidden at once, and removed when their keys are a day old', async () => {
  await fill('news:size', 10);
  await age('news:size', 4, 25 * HOUR);
  expect(await trimChannel(ground.database, 'news:size', { size: 3 }, 500)).toBe(4);
  expect(await page('news:size')).toEqual({ first: 8, last: 10, seqs: [8, 9, 10] });
  expect(await rows('news:size')).toEqual([5, 6, 7, 8, 9, 10]);
});

test('a command whose event is hidden keeps its key: sent again it is answered and not applied', async () => {
  await fill('news:key', 5);
  await trimChannel(ground.database, 'news:key', { size: 1 }, 500);
  const [again] = await appendItems(ground, [{ channel: 'news:key', id: '1' }]);
  expect(again).toMatchObject({ seq: 1, fresh: false });
  expect(await page('news:key')).toEqual({ first: 5, last: 5, seqs: [5] });
});

test('a cursor in front of what is left is told: the page says where it begins', async () => {
  await fill('news:told', 10);
  await trimChannel(ground.database, 'news:told', { size: 4 }, 500);
  const read = await ground.log.read('news:told', { after: 2, limit: 3 });
  expect(read).toMatchObject({ first_seq: 7, last_seq: 10 });
  expect(read?.events.map(({ seq }) => seq)).toEqual([7, 8, 9]);
});

test('older than the ttl goes, in steps of the batch, until only younger is left', async () => {
  await fill('news:ttl', 10);
  await age('news:ttl', 7, 2 * HOUR);
  await trimChannel(ground.database, 'news:ttl', { ttl_ms: HOUR }, 5);
  expect((await page('news:ttl')).first).toBe(6);
  await trimChannel(ground.database, 'news:ttl', { ttl_ms: HOUR }, 5);
  await trimChannel(ground.database, 'news:ttl', { ttl_ms: HOUR }, 5);
  expect(await page('news:ttl')).toEqual({ first: 8, last: 10, seqs: [8, 9, 10] });
});

test('a channel all of whose history has expired goes on with its next seq', async () => {
  await fill('news:empty', 3);
  await age('news:empty', 3, 30 * HOUR);
  await trimChannel(ground.database, 'news:empty', { ttl_ms: HOUR }, 500);
  expect(await page('news:empty')).toEqual({ first: 4, last: 3, seqs: [] });
  expect(await rows('news:empty')).toEqual([]);
  const [next] = await appendItems(ground, [{ channel: 'news:empty', id: 'next' }]);
  expect(next?.seq).toBe(4);
  expect(await page('news:empty')).toEqual({ first: 4, last: 4, seqs: [4] });
});

test('trimming while others append and read: what a reader sees begins at first_seq and has no hole', async () => {
  await fill('news:busy', 200);
  await age('news:busy', 200, 25 * HOUR);
  let working = true;
  const trimming = (async () => {
    while (working) await trimChannel(ground.database, 'news:busy', { size: 20 }, 7);
  })();
  const reading = (async () => {
    let pages = 0;
    while (working) {
      const { first = 0, last = 0, seqs = [] } = await page('news:busy');
      expect(seqs).toEqual(upTo(last).slice(first - 1));
      pages++;
    }
    return pages;
  })();
  try {
    for (let i = 0; i < 30; i++) await appendItems(ground, [{ channel: 'news:busy', id: `more-${i}` }]);
  } finally {
    working = false;
  }
  await trimming;
  expect(await reading).toBeGreaterThan(5);
});

test('a reader that is shown what is kept does not depend on when the trim comes by', async () => {
  await fill('news:kept', 400);
  await age('news:kept', 398, 2 * HOUR);
  const kept = async (after: number, what: { size?: number; ttl_ms?: number }) => {
    const read = await ground.log.read('news:kept', { after, limit: 300, kept: what });
    return { first: read?.first_seq, seqs: read?.events.map(({ seq }) => seq) };
  };
  expect(await kept(0, { size: 3 })).toEqual({ first: 398, seqs: [398, 399, 400] });
  expect(await kept(0, { size: 3, ttl_ms: HOUR })).toEqual({ first: 399, seqs: [399, 400] });
  expect(await kept(399, { ttl_ms: HOUR })).toEqual({ first: 1, seqs: [400] });
  await age('news:kept', 400, 2 * HOUR);
  expect(await kept(5, { ttl_ms: HOUR })).toEqual({ first: 401, seqs: [] });
  expect((await ground.log.read('news:kept', { limit: 300, kept: { size: 2 } }))?.events.map(({ seq }) => seq)).toEqual([399, 400]);
});
