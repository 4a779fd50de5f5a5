import { MemoryLimiter } from '@veche/platform-redis';
import { expect, test } from 'vitest';
import { RequestLimit } from './request-limit.ts';

const limitOf = (perMinute: number, now: () => number = () => 0): RequestLimit =>
  new RequestLimit({ HTTP_REQUESTS_PER_MINUTE: perMinute }, new MemoryLimiter(now));
const passes = (limit: RequestLimit, key: string): Promise<boolean> =>
  limit.count(key).then(
    () => true,
    () => false,
  );

test('never lets more than the limit pass in any 60 seconds, and refused ones do not count', async () => {
  let now = 0;
  const limit = limitOf(3, () => now);
  const passed: number[] = [];
  for (; now < 300_000; now += 1_000) if (await passes(limit, 'u')) passed.push(now);
  for (const from of passed) expect(passed.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(3);
  expect(passed).toHaveLength(15);
});

test('says how long to wait', async () => {
  let now = 0;
  const limit = limitOf(1, () => now);
  await limit.count('u');
  now = 20_000;
  await expect(limit.count('u')).rejects.toMatchObject({ error: 'too_many_requests', retryAfterMs: 40_000 });
});

test('a refund gives the last one back', async () => {
  const limit = limitOf(1);
  await limit.count('u');
  await limit.refund('u');
  await limit.refund('nobody');
  await limit.count('u');
  await expect(limit.count('u')).rejects.toThrow('too many requests');
});

test('counts what has different keys apart', async () => {
  const limit = limitOf(1);
  await limit.count('rest u');
  await limit.count('polls u');
  expect(await passes(limit, 'rest u')).toBe(false);
});
