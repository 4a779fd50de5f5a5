import { type Capability, type Channel, type Grant, parseChannel, VecheError } from '@veche/contracts';
import { describe, expect, it, test } from 'vitest';
import { Namespaces } from '../namespace/namespaces.ts';
import { authorize } from './grant.rules.ts';

const all = (to: string): object => ({ subscribe: to === 'subscribers' ? 'token' : to, publish: to, read_history: to, read_presence: to });
const LEVELS = ['anyone', 'signed_in', 'members', 'subscribers', 'token', 'server'];
const namespaces = new Namespaces({
  CHANNELS_NAMESPACES: JSON.stringify([
    ...LEVELS.map((to) => ({ name: to, ...all(to) })),
    { name: 'plain' },
    { name: 'kept', history_size: 10, history_ttl: 60, presence: true, join_leave: true, force_recovery: true },
  ]),
  CHANNELS_DEFAULT: '{"subscribe":"signed_in"}',
});

type Cap = { channels: string[]; allow: Capability[] };
const grant = (name: string, user: string, caps: Cap[] = []): Grant => authorize(namespaces, parseChannel(name) as Channel, { user, caps });

/** The rights held: upper case at once, lower case while subscribed. */
const rights = (name: string, user: string, caps: Cap[] = []): string => {
  const { subscribe, publish, history, presence, when_subscribed = [] } = grant(name, user, caps);
  return [subscribe && 'S', publish && 'P', history && 'H', presence && 'R', ...when_subscribed.map((capability) => capability[0])].filter(Boolean).join('');
};

describe('a level opens to', () => {
  it.each([
    // name, anonymous, signed in, listed
    ['anyone:news', 'SPHR', 'SPHR', 'SPHR'],
    ['signed_in:news', '', 'SPHR', 'SPHR'],
    ['members:news', '', '', ''],
    ['members:talk#42,43', '', '', 'SPHR'],
    ['subscribers:news', '', 'php', 'php'],
    ['token:news', '', '', ''],
    ['server:news', '', '', ''],
    ['plain:news', '', '', ''],
    ['anyone:talk#42,43', '', '', 'SPHR'],
    ['signed_in:talk#43,42', '', '', 'SPHR'],
    ['token:talk#42', '', '', ''],
    ['news', '', 'S', 'S'],
    ['$anyone:news', '', 'php', 'php'],
  ])('%s: anonymous %j, signed in %j, listed %j', (name, anonymous, signedIn, listed) => {
    expect([rights(name, ''), rights(name, '7'), rights(name, '42')]).toEqual([anonymous, signedIn, listed]);
  });
});

test('part of a user id is not the user id', () => {
  expect(rights('members:talk#42,43', '4')).toBe('');
  expect(rights('members:talk#42,43', '42,43')).toBe('');
  expect(rights('members:a#7#42', '7')).toBe('');
  expect(rights('members:talk#', '')).toBe('');
});

describe('a capability of the token', () => {
  const every: Capability[] = ['subscribe', 'publish', 'history', 'presence'];
  it.each(LEVELS)('opens the level %s, unless it is for the server only', (to) => {
    expect(rights(`${to}:news`, '7', [{ channels: [`${to}:news`], allow: every }])).toBe(to === 'server' ? '' : 'SPHR');
  });
  it('opens by prefix', () => {
    expect(rights('plain:news', '7', [{ channels: ['plain:*'], allow: ['publish'] }])).toBe('P');
    expect(rights('plain:news', '7', [{ channels: ['plai'], allow: ['publish'] }])).toBe('');
    expect(rights('plain:news', '', [{ channels: ['*'], allow: ['subscribe'] }])).toBe('S');
  });
  it('is the first that names the channel', () =>
    expect(
      rights('plain:news', '7', [
        { channels: ['plain:news'], allow: ['subscribe'] },
        { channels: ['*'], allow: every },
      ]),
    ).toBe('S'));
  it('adds to what the namespace allows', () => expect(rights('subscribers:news', '7', [{ channels: ['*'], allow: ['history'] }])).toBe('Hpp'));
});

describe('a subscription token', () => {
  it.each([
    ['token:news', true],
    ['plain:news', true],
    ['members:talk#42', true],
    ['$anyone:news', true],
    ['anyone:news', false],
    ['server:news', false],
  ])('is the only way into %s: %s', (name, needed) => expect(grant(name, '7').needs_token).toBe(needed));
});

describe('an inbox', () => {
  it('is read by its own user alone, and written by no client', () => {
    expect(rights('user:7', '7')).toBe('SH');
    for (const stranger of ['', '8', 'user:7']) expect(rights('user:7', stranger)).toBe('');
    expect(rights('user:', '')).toBe('');
    expect(grant('user:7', '8').needs_token).toBe(false);
  });
  it('is not opened by a capability', () => expect(rights('user:7', '8', [{ channels: ['*'], allow: ['subscribe', 'history'] }])).toBe(''));
  it('answers alike for whoever it is not', () => expect(grant('user:7', '8')).toEqual(grant('user:nobody', '8')));
});

it.each(['unknown:news', 'thread:1', '$thread:1', '$user:7'])('%s has no namespace here', (name) => {
  expect(() => grant(name, '7')).toThrow(VecheError);
  expect(() => grant(name, '7')).toThrow(/is not configured/);
});

test('a namespace with history makes events of publications, one without signals', () => {
  expect(grant('kept:news', '7').options).toEqual({
    durable: true,
    publications: 'events',
    force_recovery: true,
    presence: true,
    join_leave: true,
    force_push_join_leave: false,
    presence_mode: 'client',
    kept: { size: 10, ttl_ms: 60_000 },
  });
  expect(grant('plain:news', '7').options).toMatchObject({ durable: false, publications: 'signals' });
});
