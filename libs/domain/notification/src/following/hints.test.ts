import type { ChannelEvent } from '@veche/contracts';
import { expect, test } from 'vitest';
import { Hints } from './hints.ts';

const event = (channel: string, seq: number, data = '{}'): ChannelEvent => ({
  channel,
  epoch: 'e',
  seq,
  id: '',
  kind: 'k',
  actor: 'a',
  command_id: 'c',
  ts: 0,
  data,
  meta: null,
});
const seqs = (hints: Hints): unknown => hints.take(10).map(({ channel, head, events }) => [channel, head, events.map(({ seq }) => seq)]);

test('keeps what comes without a gap, and behind a gap what comes then', () => {
  const hints = new Hints();
  hints.events([event('a', 1), event('a', 2), event('b', 7), event('a', 2), event('a', 1), event('a', 5), event('a', 6)]);
  expect(seqs(hints)).toEqual([
    ['a', 6, [5, 6]],
    ['b', 7, [7]],
  ]);
  expect(hints.size).toBe(0);
});

test('a head alone says how far to read', () => {
  const hints = new Hints();
  hints.heads([{ channel: 'a', seq: 9 }]);
  hints.events([event('a', 4)]);
  expect(seqs(hints)).toEqual([['a', 9, [4]]]);
});

test('is asked for no more than is wanted, the longest waiting first', () => {
  const hints = new Hints();
  hints.events([event('a', 1), event('b', 1), event('c', 1), event('a', 2)]);
  expect(hints.take(2).map(({ channel }) => channel)).toEqual(['a', 'b']);
  expect(hints.size).toBe(1);
});

test('keeps a bounded amount of data and all of the heads', () => {
  const hints = new Hints();
  const large = 'x'.repeat(65_536);
  for (let n = 1; n <= 1000; n++) hints.events([event(`c${n}`, 1, large)]);
  const taken = hints.take(2000);
  expect(taken).toHaveLength(1000);
  expect(taken.filter(({ events }) => events.length > 0)).toHaveLength(256);
  // What was taken is free again.
  hints.events([event('d', 1, large)]);
  expect(hints.take(1)[0]?.events).toHaveLength(1);
});

test('says when something was noted', () => {
  const hints = new Hints();
  let noted = 0;
  hints.onNoted = () => void noted++;
  hints.events([event('a', 1)]);
  hints.heads([{ channel: 'a', seq: 1 }]);
  expect(noted).toBe(2);
});
