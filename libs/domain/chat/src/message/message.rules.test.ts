import type { Role } from '@veche/contracts';
import { describe, expect, it } from 'vitest';
import { mayDelete, mayEdit, mayReact, maySend, type MessageState, mayWrite, reacted } from './message.rules.ts';

const message = (over: Partial<MessageState> = {}): MessageState => ({ actor: 'author', text: 'hello', deleted: false, reactions: new Map(), ...over });
const outcome = (ruling: ReturnType<typeof mayEdit>): string => (typeof ruling === 'object' ? ruling.refuse : (ruling ?? 'allowed'));

const WRITES = [
  ['owner', 'allowed'],
  ['admin', 'allowed'],
  ['member', 'allowed'],
  ['reader', 'permission_denied'],
  [undefined, 'permission_denied'],
] as const;

describe('sending', () => {
  it.each(WRITES)('as %s: %s', (role, expected) => expect(outcome(maySend(role, true))).toBe(expected));
  it('needs the message that it replies to', () => expect(outcome(maySend('member', false))).toBe('not_found'));
  it('tells a stranger nothing about messages', () => expect(maySend(undefined, false)).toEqual(maySend(undefined, true)));
});

describe('editing', () => {
  it.each(WRITES)("one's own as %s: %s", (role, expected) => expect(outcome(mayEdit(role, message(), 'author', 'changed'))).toBe(expected));
  it.each(['owner', 'admin', 'member'] as Role[])("somebody else's is refused to the %s", (role) =>
    expect(outcome(mayEdit(role, message(), 'other', 'changed'))).toBe('permission_denied'),
  );
  it('refuses a message that was deleted or never was', () => {
    expect(outcome(mayEdit('owner', message({ deleted: true }), 'author', 'x'))).toBe('conflict');
    expect(outcome(mayEdit('owner', undefined, 'author', 'x'))).toBe('not_found');
  });
  it('changes nothing when the text is the same', () => expect(mayEdit('member', message(), 'author', 'hello')).toBe('unchanged'));
});

describe('deleting', () => {
  it.each(WRITES)("one's own as %s: %s", (role, expected) => expect(outcome(mayDelete(role, message(), 'author'))).toBe(expected));
  it.each([
    ['owner', 'allowed'],
    ['admin', 'allowed'],
    ['member', 'permission_denied'],
    ['reader', 'permission_denied'],
  ] as [Role, string][])("somebody else's as %s: %s", (role, expected) => expect(outcome(mayDelete(role, message(), 'other'))).toBe(expected));
  it('changes nothing the second time', () => expect(mayDelete('member', message({ deleted: true }), 'author')).toBe('unchanged'));
  it('needs a message', () => expect(outcome(mayDelete('owner', undefined, 'author'))).toBe('not_found'));
});

describe('reacting', () => {
  const give = { reaction: '👍', remove: false };
  const take = { reaction: '👍', remove: true };

  it.each(WRITES)('as %s: %s', (role, expected) => expect(outcome(mayReact(role, message(), 'other', give, 2))).toBe(expected));
  it('changes nothing when given or taken twice', () => {
    const state = message();
    expect(mayReact('member', state, 'other', take, 2)).toBe('unchanged');
    reacted(state, 'other', give);
    expect(mayReact('member', state, 'other', give, 2)).toBe('unchanged');
    expect(mayReact('member', state, 'third', give, 2)).toBeUndefined();
    reacted(state, 'other', take);
    expect(mayReact('member', state, 'other', give, 2)).toBeUndefined();
  });
  it('stops at the limit of one member, who may still take back', () => {
    const state = message();
    for (const reaction of ['a', 'b']) reacted(state, 'other', { reaction, remove: false });
    expect(outcome(mayReact('member', state, 'other', give, 2))).toBe('limit_exceeded');
    expect(mayReact('member', state, 'other', { reaction: 'a', remove: true }, 2)).toBeUndefined();
    expect(mayReact('member', state, 'third', give, 2)).toBeUndefined();
  });
  it('refuses a message that was deleted or never was', () => {
    expect(outcome(mayReact('owner', message({ deleted: true }), 'author', give, 2))).toBe('conflict');
    expect(outcome(mayReact('owner', undefined, 'author', give, 2))).toBe('not_found');
  });
});

it('tells a stranger the same as for a thread that does not exist', () =>
  expect(mayWrite(undefined)).toEqual({ refuse: 'permission_denied', message: 'not permitted' }));
