import { array, assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { SlidingLog } from './sliding-log.ts';

const WINDOW = 60_000;

it('lets pass exactly as many as a model that remembers everything', () => {
  assert(
    property(integer({ min: 1, max: 12 }), array(integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (limit, pauses) => {
      const log = new SlidingLog(limit, WINDOW);
      const passed: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        const expected = passed.filter((at) => now - at < WINDOW).length < limit;
        const { ok, retryAfterMs } = log.take(now);
        expect(ok).toBe(expected);
        if (ok) passed.push(now);
        // The advice is exact: at that moment one place is free, and not a millisecond before.
        else expect(passed.filter((at) => now + retryAfterMs - at < WINDOW).length).toBeLessThan(limit);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('never lets more than the limit pass in any window', () => {
  const log = new SlidingLog(100, WINDOW);
  const passed: number[] = [];
  for (let now = 0; now < 300_000; now += 97) if (log.take(now).ok) passed.push(now);
  for (const from of passed) expect(passed.filter((at) => at >= from && at - from < WINDOW).length).toBeLessThanOrEqual(100);
});

it('is over when its newest entry is older than the window', () => {
  const log = new SlidingLog(2, WINDOW);
  for (const now of [0, 10, 60_005]) log.take(now);
  expect(log.isOver(120_004)).toBe(false);
  expect(log.isOver(120_005)).toBe(true);
});
