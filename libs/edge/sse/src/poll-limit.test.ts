import { MemoryLimiter } from '@veche/edge-realtime';
import { expect, test } from 'vitest';
import { PollLimit } from './poll-limit.ts';

const limitOf = (perMinute: number): PollLimit => new PollLimit({ HTTP_REQUESTS_PER_MINUTE: perMinute }, new MemoryLimiter(() => 0));
const passes = (poll: Promise<unknown>): Promise<boolean> =>
  poll.then(
    () => true,
    () => false,
  );

test('polls that find nothing more are counted for each credential by itself', async () => {
  const limit = limitOf(2);
  expect([await passes(limit.count('a')), await passes(limit.count('a')), await passes(limit.count('a'))]).toEqual([true, true, false]);
  expect(await passes(limit.count('b'))).toBe(true);
});

test('catching up has a bound of its own', async () => {
  const limit = limitOf(2);
  const passed: boolean[] = [];
  for (let poll = 0; poll < 60; poll++) passed.push(await passes(limit.count('a').then((takeBack) => takeBack())));
  expect(passed.filter(Boolean)).toHaveLength(40);
  expect(passed[39]).toBe(true);
});
