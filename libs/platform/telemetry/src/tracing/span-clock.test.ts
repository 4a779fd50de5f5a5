import { afterEach, expect, it, vi } from 'vitest';
import { spanTime } from './span-clock.ts';

afterEach(() => vi.useRealTimers());

it('has one order, finer than a millisecond', () => {
  const times = Array.from({ length: 1000 }, spanTime);
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
  expect(new Set(times).size).toBeGreaterThan(10);
  expect(Math.abs(times[0]! - Date.now())).toBeLessThan(50);
});

it('follows the wall clock when that is corrected', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const later = Date.now() + 60_000;
  vi.setSystemTime(later);
  expect(Math.abs(spanTime() - later)).toBeLessThanOrEqual(20);
  vi.useRealTimers();
  expect(Math.abs(spanTime() - Date.now())).toBeLessThanOrEqual(20);
});
