import { type Role, ROLES } from '@veche/contracts';
import { describe, expect, it, test } from 'vitest';
import { changedRole, foundingMembers, joined, left, mayAdd, mayCreate, mayRemove, mayRename, maySetRole, type Standing } from './membership.rules.ts';

/** A thread with one user of each role, called like it. */
function thread(...more: [string, Role][]): Standing {
  const roles = new Map<string, Role>([...ROLES.map((role) => [role, role] as const), ...more]);
  return { roles, members: roles.size, owners: [...roles.values()].filter((role) => role === 'owner').length };
}

const outcome = (ruling: ReturnType<typeof mayRename>): string => (typeof ruling === 'object' ? ruling.refuse : (ruling ?? 'allowed'));

describe('renaming', () => {
  it.each([
    ['owner', 'allowed'],
    ['admin', 'allowed'],
    ['member', 'permission_denied'],
    ['reader', 'permission_denied'],
    ['stranger', 'permission_denied'],
  ])('by %s: %s', (actor, expected) => expect(outcome(mayRename(thread(), actor))).toBe(expected));
});

describe('adding', () => {
  const GIVEN = { owner: ['admin', 'member', 'reader'], admin: ['member', 'reader'], member: [], reader: [], stranger: [] } as const;
  const cases = Object.entries(GIVEN).flatMap(([actor, may]) =>
    (['admin', 'member', 'reader'] as const).map((role) => [actor, role, (may as readonly string[]).includes(role) ? 'allowed' : 'permission_denied'] as const),
  );
  it.each(cases)('by %s as %s: %s', (actor, role, expected) => expect(outcome(mayAdd(thread(), actor, 'new', role, 100))).toBe(expected));

  it('changes nothing for someone who has that role', () => expect(mayAdd(thread(), 'owner', 'reader', 'reader', 100)).toBe('unchanged'));
  it('does not change a role', () => expect(outcome(mayAdd(thread(), 'owner', 'reader', 'member', 100))).toBe('conflict'));
  it('stops at the limit', () => {
    expect(outcome(mayAdd(thread(), 'owner', 'new', 'member', 5))).toBe('allowed');
    expect(outcome(mayAdd(thread(), 'owner', 'new', 'member', 4))).toBe('limit_exceeded');
  });
});

describe('setting a role', () => {
  /** [actor, user, role] that are allowed in a thread with a second owner; every other triple is refused or changes nothing. */
  const allowed = new Set([
    ...ROLES.flatMap((user) => ROLES.filter((role) => role !== user).map((role) => `owner ${user} ${role}`)),
    'admin member reader',
    'admin reader member',
  ]);
  const cases = ['owner', 'admin', 'member', 'reader', 'stranger'].flatMap((actor) =>
    ROLES.flatMap((user) =>
      ROLES.filter((role) => role !== user).map(
        (role) => [actor, user, role, allowed.has(`${actor} ${user} ${role}`) ? 'allowed' : 'permission_denied'] as const,
      ),
    ),
  );
  it.each(cases)('by %s of the %s to %s: %s', (actor, user, role, expected) =>
    expect(outcome(maySetRole(thread(['second', 'owner']), actor, user, role))).toBe(expected),
  );

  it('keeps the last owner', () => {
    expect(outcome(maySetRole(thread(), 'owner', 'owner', 'admin'))).toBe('conflict');
    expect(outcome(maySetRole(thread(['second', 'owner']), 'owner', 'owner', 'admin'))).toBe('allowed');
  });
  it('needs a member', () => expect(outcome(maySetRole(thread(), 'owner', 'new', 'member'))).toBe('not_found'));
  it('changes nothing when the role is that already', () => {
    expect(maySetRole(thread(), 'owner', 'owner', 'owner')).toBe('unchanged');
    expect(maySetRole(thread(), 'admin', 'member', 'member')).toBe('unchanged');
  });
});

describe('removing', () => {
  const allowed = new Set([
    'owner admin',
    'owner member',
    'owner reader',
    'owner second',
    'admin member',
    'admin reader',
    'admin admin',
    'member member',
    'reader reader',
    'owner owner',
  ]);
  const cases = ['owner', 'admin', 'member', 'reader', 'stranger'].flatMap((actor) =>
    [...ROLES, 'second'].map((user) => [actor, user, allowed.has(`${actor} ${user}`) ? 'allowed' : 'permission_denied'] as const),
  );
  it.each(cases)('by %s of the %s: %s', (actor, user, expected) => expect(outcome(mayRemove(thread(['second', 'owner']), actor, user))).toBe(expected));

  it('keeps the last owner, even alone', () => {
    expect(outcome(mayRemove(thread(), 'owner', 'owner'))).toBe('conflict');
    expect(outcome(mayRemove({ roles: new Map([['a', 'owner']]), members: 1, owners: 1 }, 'a', 'a'))).toBe('conflict');
  });
  it('needs a member', () => expect(outcome(mayRemove(thread(), 'owner', 'new'))).toBe('not_found'));
  it('tells a member without rights nothing about others', () => expect(outcome(mayRemove(thread(), 'member', 'new'))).toBe('permission_denied'));
  it('tells a stranger the same whoever they name', () =>
    expect(mayRemove(thread(), 'stranger', 'stranger')).toEqual(mayRemove(thread(), 'stranger', 'owner')));
});

describe('creating', () => {
  test('the creator owns the thread and everybody is in it once', () =>
    expect(foundingMembers('a', ['b', 'a', 'c', 'b'])).toEqual([
      { user: 'a', role: 'owner' },
      { user: 'b', role: 'member' },
      { user: 'c', role: 'member' },
    ]));
  it('refuses what is there already, too many members and nobody', () => {
    expect(outcome(mayCreate('a', false, 3, 3))).toBe('allowed');
    expect(outcome(mayCreate('a', true, 3, 3))).toBe('conflict');
    expect(outcome(mayCreate('a', false, 4, 3))).toBe('limit_exceeded');
    expect(outcome(mayCreate('', false, 1, 3))).toBe('unauthorized');
  });
});

describe('earlier commands of a batch', () => {
  test('who was added may be removed, and an owner who was made may let the other go', () => {
    const standing = thread();
    joined(standing, 'new', 'member');
    expect(standing.members).toBe(5);
    expect(outcome(mayRemove(standing, 'admin', 'new'))).toBe('allowed');
    changedRole(standing, 'new', 'owner');
    expect(standing).toMatchObject({ members: 5, owners: 2 });
    left(standing, 'owner');
    expect(standing).toMatchObject({ members: 4, owners: 1 });
    expect(outcome(mayRemove(standing, 'new', 'new'))).toBe('conflict');
    expect(outcome(mayRename(standing, 'owner'))).toBe('permission_denied');
  });
});
