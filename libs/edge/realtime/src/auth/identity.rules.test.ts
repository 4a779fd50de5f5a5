import { describe, expect, it } from 'vitest';
import { identityOf, passOf } from './identity.rules.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');

describe('identityOf', () => {
  it('reads info and meta, packed or not', () => {
    expect(identityOf({ sub: '42', info: { name: 'Ann' }, meta: { tenant: 7 } })).toMatchObject({ info: { name: 'Ann' }, meta: { tenant: 7 } });
    expect(identityOf({ b64info: b64('{"a":[1]}') }).info).toEqual({ a: [1] });
  });

  it('reads subs with their options, and prefers them to channels', () => {
    const claims = { channels: ['c'], subs: { a: { info: 1, data: { x: 2 }, override: { force_recovery: { value: true } } }, b: {} } };
    expect(identityOf(claims).subs).toEqual([
      { channel: 'a', info: 1, data: { x: 2 }, override: { force_recovery: true } },
      { channel: 'b', override: {} },
    ]);
    expect(identityOf({ channels: ['c', 'd'] }).subs.map(({ channel }) => channel)).toEqual(['c', 'd']);
  });

  it('keeps a channel named as a member of every object', () => {
    expect(identityOf(JSON.parse('{"subs":{"__proto__":{"info":1},"constructor":{}}}') as Record<string, unknown>).subs.map(({ channel }) => channel)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });

  it('translates capabilities and keeps their order', () => {
    const caps = [
      { channels: ['news', 'user_42'], allow: ['sub', 'hst'] },
      { channels: ['*'], match: 'wildcard', allow: ['prs', 'pub', 'unknown'] },
    ];
    expect(identityOf({ caps }).caps).toEqual([
      { channels: ['news', 'user_42'], allow: ['subscribe', 'history'] },
      { channels: ['*'], allow: ['presence', 'publish'] },
    ]);
  });

  it('allows too little rather than too much where it cannot follow a capability', () => {
    const caps = [
      { channels: ['^news.*$'], match: 'regex', allow: ['sub'] },
      { channels: ['a*b', 'c*'], match: 'wildcard', allow: ['sub'] },
      { channels: ['d*'], allow: ['sub'] },
    ];
    expect(identityOf({ caps }).caps.map(({ channels }) => channels)).toEqual([[], ['c*'], []]);
  });

  it.each([{ caps: {} }, { caps: [{ channels: 'news' }] }, { subs: [] }, { channels: 'news' }, { b64info: 7 }])(
    'refuses claims of the wrong form: %j',
    (claims) => {
      expect(() => identityOf(claims)).toThrow(/must be/);
    },
  );
});

it('a subscription token that never expires says so', () => {
  expect(passOf('news', { exp: 10, expire_at: 0 })).toEqual({ channel: 'news', override: {} });
});

describe('sub', () => {
  it.each(['api:billing', 'api:', 'a\nb', 'a\0', 'x'.repeat(129)])('%j names no user: it would pass as a backend, or break out of a key', (sub) => {
    expect(() => identityOf({ sub })).toThrow('sub must be');
  });

  it.each(['', '42', 'anna@example.com', 'жанна', 'apia'])('%j may be a user', (sub) => {
    expect(identityOf({ sub }).user).toBe(sub);
  });
});
