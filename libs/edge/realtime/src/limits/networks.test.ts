import { describe, expect, it } from 'vitest';
import { allowList, isNetwork, networkOf } from './networks.ts';

describe('an address as limits count it', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the allow-list', () => {
  const allowed = allowList(['127.0.0.0/8', '::1', '2001:db8::/32']);
  it.each(['127.0.0.1', '127.255.0.1', '::ffff:127.0.0.1', '::1', '2001:db8::5'])('has %s', (address) => expect(allowed(address)).toBe(true));
  it.each(['128.0.0.1', '::2', '2001:db9::5', '', 'localhost'])('does not have %s', (address) => expect(allowed(address)).toBe(false));

  it.each(['10.0.0.0/33', 'nowhere', '10.0.0.0/8/8', '10.0.0.0/x', '::/129', ''])('does not take %s', (entry) => expect(isNetwork(entry)).toBe(false));
});
