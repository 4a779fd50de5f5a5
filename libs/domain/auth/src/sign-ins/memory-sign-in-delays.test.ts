import { describe, expect, it } from 'vitest';
import { MemorySignInDelays } from './memory-sign-in-delays.ts';
import { ACCOUNT_DELAY, delayAfter, networkOf } from './sign-in-delays.ts';

describe('delays of sign-ins', () => {
  it('begin after some failures, double, and have an end', () => {
    expect([0, 4, 5, 6, 7, 10, 11, 1000].map((failures) => delayAfter(failures, ACCOUNT_DELAY))).toEqual([0, 0, 1000, 2000, 4000, 32_000, 60_000, 60_000]);
  });

  it('count attempts on an account before their outcome is known', async () => {
    const delays = new MemorySignInDelays(() => 0);
    const waits = await Promise.all(Array.from({ length: 7 }, () => delays.admit('ann', undefined)));
    expect(waits).toEqual([0, 0, 0, 0, 0, 1000, 1000]);
  });

  it('pass with time, and grow with the next failure', async () => {
    let now = 0;
    const delays = new MemorySignInDelays(() => now);
    for (let at = 0; at < 5; at++) await delays.admit('ann', undefined);
    now = 999;
    expect(await delays.admit('ann', undefined)).toBe(1);
    now = 1000;
    expect(await delays.admit('ann', undefined)).toBe(0);
    expect(await delays.admit('ann', undefined)).toBe(2000);
    now += 3_600_000;
    expect(await delays.admit('ann', undefined)).toBe(0);
  });

  it('are forgotten for the account that signed in, not for the address that it came from', async () => {
    const delays = new MemorySignInDelays(() => 0);
    for (let at = 0; at < 30; at++) {
      await delays.admit(`victim-${at}`, '192.0.2.1');
      await delays.settle(`victim-${at}`, '192.0.2.1', 'failed');
      await delays.settle('own', '192.0.2.1', 'succeeded');
    }
    expect(await delays.admit('own', '192.0.2.1')).toBe(1000);
    expect(await delays.admit('own', '192.0.2.2')).toBe(0);
  });

  it('let many people behind one address sign in at once', async () => {
    const delays = new MemorySignInDelays(() => 0);
    const waits = await Promise.all(Array.from({ length: 500 }, (_, at) => delays.admit(`person-${at}`, '192.0.2.1')));
    expect(Math.max(...waits)).toBe(0);
  });

  it('do not count an attempt whose password was never looked at', async () => {
    const delays = new MemorySignInDelays(() => 0);
    for (let at = 0; at < 100; at++) {
      expect(await delays.admit('ann', '192.0.2.1')).toBe(0);
      await delays.settle('ann', '192.0.2.1', 'undecided');
    }
    expect(delays.size).toBe(0);
  });

  it('remember a bounded number of names', async () => {
    const delays = new MemorySignInDelays(() => 0);
    for (let at = 0; at < 100_010; at++) void delays.admit(`guess-${at}`, undefined);
    expect(delays.size).toBeLessThanOrEqual(100_000);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::', 'fe80:0:0:0'],
  ])('of %s go by %s', (address, network) => expect(networkOf(address)).toBe(network));
});
