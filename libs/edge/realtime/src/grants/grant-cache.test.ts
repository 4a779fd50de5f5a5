import type { Grant } from '@veche/contracts';
import { expect, it } from 'vitest';
import { GrantCache } from './grant-cache.ts';

const grant = (): Promise<Grant> => Promise.resolve({} as Grant);

it('forgets after its time, and one user or all when rights change', () => {
  let now = 0;
  const cache = new GrantCache(60_000, () => now);
  const answer = grant();
  cache.set('thread:7', 'anna', answer);
  cache.set('thread:7', 'anna\n[caps]', grant());
  cache.set('thread:7', 'bo', grant());
  expect(cache.get('thread:7', 'anna')).toBe(answer);
  cache.drop('thread:7', 'anna');
  expect([cache.get('thread:7', 'anna'), cache.get('thread:7', 'anna\n[caps]')]).toEqual([undefined, undefined]);
  expect(cache.get('thread:7', 'bo')).toBeDefined();
  now = 60_000;
  expect(cache.get('thread:7', 'bo')).toBeUndefined();
  expect(cache.knows('thread:7')).toBe(true);
  cache.sweep();
  expect(cache.knows('thread:7')).toBe(false);
});

it('knows that an answer on its way was voided', () => {
  const cache = new GrantCache(60_000, () => 0);
  const answer = grant();
  cache.set('thread:7', 'anna', answer);
  expect(cache.holds('thread:7', 'anna', answer)).toBe(true);
  cache.drop('thread:7');
  expect(cache.holds('thread:7', 'anna', answer)).toBe(false);
});

it('does not remember failures', async () => {
  const cache = new GrantCache(60_000, () => 0);
  const failure = Promise.reject(new Error('away'));
  cache.set('thread:7', 'anna', failure);
  await failure.catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(cache.knows('thread:7')).toBe(false);
});
