import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { spread } from './spread.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const now = (): number => Math.trunc(performance.now());

/** When each was done, ms after the start. */
async function run(count: number, windowMs: number): Promise<number[]> {
  const began = now();
  const moments: number[] = [];
  const done = spread(
    Array.from({ length: count }, (_, at) => at),
    windowMs,
    (one) => {
      expect(one).toBe(moments.length);
      moments.push(now() - began);
    },
    now,
  );
  await vi.runAllTimersAsync();
  await done;
  return moments;
}

it.each([
  [10_000, 90_000],
  [1_900, 90_000],
  [100, 90_000],
  [7, 2_000],
])('does %i evenly over %i ms: every tenth of the window gets its tenth', async (count, windowMs) => {
  const moments = await run(count, windowMs);
  expect(moments).toHaveLength(count);
  expect(moments.at(-1)).toBeLessThanOrEqual(windowMs);
  expect(moments.at(-1)).toBeGreaterThanOrEqual(windowMs * 0.8);
  for (let tenth = 1; tenth <= 10; tenth++) {
    const share = moments.filter((at) => at <= (windowMs * tenth) / 10).length / count;
    expect(Math.abs(share - tenth / 10)).toBeLessThanOrEqual(1 / count + 0.03);
  }
});

it('never does more in a second than the rate, but for one', async () => {
  const moments = await run(900, 90_000);
  for (const at of moments) expect(moments.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(11);
});

it('does all at once without a window, and nothing for nobody', async () => {
  expect(await run(50, 0)).toEqual(Array.from({ length: 50 }, () => 0));
  expect(await run(0, 60_000)).toEqual([]);
});
