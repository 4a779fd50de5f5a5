import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const passed = (bucket: TokenBucket, tries: number): number => Array.from({ length: tries }, () => bucket.take()).filter(Boolean).length;

it('lets one second’s worth pass at once, then so many a second, however often it is asked', () => {
  let now = 5_000;
  const bucket = new TokenBucket(10, () => now);
  expect(passed(bucket, 50)).toBe(10);
  let later = 0;
  for (let ms = 0; ms < 3_000; ms += 7) {
    now += 7;
    later += passed(bucket, 3);
  }
  expect(later).toBeGreaterThanOrEqual(29);
  expect(later).toBeLessThanOrEqual(30);
});

it('saves no more than a second’s worth, however long nobody came', () => {
  let now = 0;
  const bucket = new TokenBucket(3, () => now);
  now = 3_600_000;
  expect(passed(bucket, 10)).toBe(3);
});

it('lets another pass for one that was given back', () => {
  const bucket = new TokenBucket(1, () => 0);
  expect(bucket.take()).toBe(true);
  bucket.giveBack();
  expect(passed(bucket, 2)).toBe(1);
});

it('of none a second stops nobody', () => {
  expect(passed(new TokenBucket(0, () => 0), 1_000)).toBe(1_000);
});
