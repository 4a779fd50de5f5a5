import { expect, test } from 'vitest';
import { PollLimit } from './poll-limit.ts';

const passes = (run: () => void): boolean => {
  try {
    run();
    return true;
  } catch {
    return false;
  }
};

test('polls that find nothing more are counted for each credential by itself', () => {
  const limit = new PollLimit({ HTTP_REQUESTS_PER_MINUTE: 2 });
  expect([1, 2, 3].map(() => passes(() => limit.count('a')))).toEqual([true, true, false]);
  expect(passes(() => limit.count('b'))).toBe(true);
});

test('catching up has a bound of its own', () => {
  const limit = new PollLimit({ HTTP_REQUESTS_PER_MINUTE: 2 });
  const passed = Array.from({ length: 60 }, () => passes(() => limit.count('a')()));
  expect(passed.filter(Boolean)).toHaveLength(40);
  expect(passed[39]).toBe(true);
});
