import { VecheError } from '@veche/contracts';
import { expect, test } from 'vitest';
import { RequestLimit } from './request-limit.ts';

const passes = (limit: RequestLimit, user: string): boolean => {
  try {
    limit.count(user);
    return true;
  } catch (error) {
    expect((error as VecheError).error).toBe('too_many_requests');
    return false;
  }
};

test('never lets more than the limit pass in any 60 seconds, and refused ones do not count', () => {
  let now = 0;
  const limit = RequestLimit.withClock(3, () => now);
  const passed: number[] = [];
  for (; now < 300_000; now += 1_000) if (passes(limit, 'u')) passed.push(now);
  for (const from of passed) expect(passed.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(3);
  expect(passed).toHaveLength(15);
});

test('says how long to wait', () => {
  let now = 0;
  const limit = RequestLimit.withClock(1, () => now);
  limit.count('u');
  now = 20_000;
  expect(() => limit.count('u')).toThrow(expect.objectContaining({ retryAfterMs: 40_000 }));
});

test('a refund gives the last one back', () => {
  const limit = RequestLimit.withClock(1, () => 0);
  limit.count('u');
  limit.refund('u');
  limit.refund('nobody');
  limit.count('u');
  expect(() => limit.count('u')).toThrow('too many requests');
});

test('forgets users who are gone', () => {
  let now = 0;
  const limit = RequestLimit.withClock(30, () => now);
  for (let n = 0; n < 1_500; n++) limit.count(`user ${n}`);
  now = 120_000;
  for (let n = 0; n < 1_500; n++, now += 3_000) limit.count('one');
  expect(limit.size).toBe(1);
});
