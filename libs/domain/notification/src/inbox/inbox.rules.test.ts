import { NOTIFIER } from '@veche/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clearing, inboxForNotifier, inboxOf, mayMute, mayNotify, mayRead } from './inbox.rules.ts';

test('an inbox is open to its owner and to the service', () => {
  expect(inboxOf('user:a', 'a')).toEqual({ user: 'a' });
  expect(inboxOf('user:a', NOTIFIER)).toEqual({ user: 'a' });
  expect(inboxOf('user:a', 'b')).toMatchObject({ refuse: 'permission_denied' });
  expect(inboxForNotifier('user:a', 'a')).toMatchObject({ refuse: 'permission_denied' });
  for (const channel of ['thread:a', 'news:a', 'user:', 'a b']) expect(inboxOf(channel, NOTIFIER)).toMatchObject({ refuse: 'not_available' });
});

test('a notice is given unless it is off, muted or read', () => {
  const wishes = { kindsOff: ['reply'], muted: false, readSeq: 4 };
  expect(mayNotify(wishes, 'mention', 5)).toBeUndefined();
  expect(mayNotify(wishes, 'reply', 5)).toBe('unchanged');
  expect(mayNotify(wishes, 'mention', 4)).toBe('unchanged');
  expect(mayNotify({ ...wishes, muted: true }, 'mention', 5)).toBe('unchanged');
});

test('a notice is read once; one that is not there is not found', () => {
  expect(mayRead({ read: false })).toBeUndefined();
  expect(mayRead({ read: true })).toBe('unchanged');
  expect(mayRead(undefined)).toMatchObject({ refuse: 'not_found' });
});

test('muting is bounded, unmuting never refused', () => {
  expect(mayMute(false, true, 1, 2)).toBeUndefined();
  expect(mayMute(false, true, 2, 2)).toMatchObject({ refuse: 'limit_exceeded' });
  expect(mayMute(true, true, 2, 2)).toBe('unchanged');
  expect(mayMute(true, false, 9, 2)).toBeUndefined();
});

test('clearing counts each notice once, whatever the order of the positions', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), fc.array(fc.nat(50)), (notices, positions) => {
      const clearing = new Clearing();
      const unread = new Set(notices);
      for (const position of positions) {
        const cleared = [...unread].filter((seq) => seq <= position);
        expect(clearing.upTo(position, notices.filter((seq) => seq <= position).length)).toBe(cleared.length);
        for (const seq of cleared) unread.delete(seq);
      }
    }),
  );
});
