import { assert, array, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { SenderClocks } from './sender-clocks.ts';

const MINUTE = 60_000;

it('finds the age of a message however far apart the clocks are, to within the time of the quickest', () => {
  assert(
    property(integer({ min: -20 * MINUTE, max: 20 * MINUTE }), array(integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 50 }), (skew, ages) => {
      const clocks = new SenderClocks();
      let quickest = Number.POSITIVE_INFINITY;
      ages.forEach((age, index) => {
        const now = 1e12 + index * 10_000;
        quickest = Math.min(quickest, age);
        const sentAt = now - age + skew;
        expect(now - (sentAt + clocks.offset('door', sentAt, now))).toBe(age - quickest);
      });
    }),
  );
});

it('keeps senders apart', () => {
  const clocks = new SenderClocks();
  expect([clocks.offset('a', 0, 5), clocks.offset('b', 1000, 5), clocks.offset('a', 0, 9)]).toEqual([5, -995, 5]);
});

it('follows a clock that drifts', () => {
  const clocks = new SenderClocks();
  clocks.offset('a', 0, 1);
  for (let minute = 1; minute < 60; minute++) clocks.offset('a', minute * MINUTE, minute * MINUTE + 1 + minute * 100);
  expect(clocks.offset('a', 60 * MINUTE, 60 * MINUTE + 6001)).toBeGreaterThan(3000);
});

it('remembers a bounded number of senders', () => {
  const clocks = new SenderClocks();
  clocks.offset('first', 0, 1);
  for (let index = 0; index < 5000; index++) clocks.offset(`s${index}`, 0, 1);
  expect(clocks.offset('first', 0, 500)).toBe(500);
});
