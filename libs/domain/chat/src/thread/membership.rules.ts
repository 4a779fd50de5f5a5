/** Who may change a thread and its members: owner > admin > member > reader. */
import { type Role, ROLES } from '@veche/contracts';
import { NOT_PERMITTED, refused, type Ruling } from '../decision.ts';

/** A thread as its rules see it. Handlers write into it what earlier commands of the same batch have changed. */
export interface Standing {
  members: number;
  owners: number;
  /** Of the users that the batch is about; a user without a role is not a member. */
  readonly roles: Map<string, Role>;
}

export const rankOf = (role: Role): number => ROLES.indexOf(role);

/** `undefined` for a rank that no role has. */
export const roleOf = (rank: number): Role | undefined => ROLES[rank];

const outranks = (role: Role, other: Role): boolean => rankOf(role) < rankOf(other);
const manages = (role: Role | undefined): role is 'owner' | 'admin' => role === 'owner' || role === 'admin';

const NEEDS_ADMIN = refused('permission_denied', 'only owners and admins of the thread may do this');
const LAST_OWNER = refused('conflict', 'the last owner cannot leave or be demoted: make another member an owner first');

export function mayRename({ roles }: Standing, actor: string): Ruling {
  const role = roles.get(actor);
  if (!role) return NOT_PERMITTED;
  return manages(role) ? undefined : NEEDS_ADMIN;
}

export function mayAdd(standing: Standing, actor: string, user: string, role: Role, maxMembers: number): Ruling {
  const own = standing.roles.get(actor);
  if (!own) return NOT_PERMITTED;
  if (!manages(own)) return NEEDS_ADMIN;
  if (!mayGive(own, role)) return refused('permission_denied', 'an admin may add members and readers only');
  const present = standing.roles.get(user);
  if (present) return present === role ? 'unchanged' : refused('conflict', 'is a member already: change the role instead');
  if (standing.members >= maxMembers) return refused('limit_exceeded', `a thread may have ${maxMembers} members`);
  return undefined;
}

export function maySetRole(standing: Standing, actor: string, user: string, role: Role): Ruling {
  const own = standing.roles.get(actor);
  if (!own) return NOT_PERMITTED;
  if (!manages(own)) return NEEDS_ADMIN;
  const present = standing.roles.get(user);
  if (!present) return refused('not_found', 'is not a member of the thread');
  if (!mayGive(own, role) || !mayManage(own, present))
    return refused('permission_denied', 'an admin may change only members and readers, and give only these roles');
  if (present === role) return 'unchanged';
  return present === 'owner' && standing.owners === 1 ? LAST_OWNER : undefined;
}

/** Of oneself: leaving, which everybody may but the last owner. */
export function mayRemove(standing: Standing, actor: string, user: string): Ruling {
  const own = standing.roles.get(actor);
  if (!own) return NOT_PERMITTED;
  const present = standing.roles.get(user);
  if (actor !== user && !manages(own)) return NEEDS_ADMIN;
  if (!present) return refused('not_found', 'is not a member of the thread');
  if (actor !== user && !mayManage(own, present)) return refused('permission_denied', 'an admin may remove members and readers only');
  return present === 'owner' && standing.owners === 1 ? LAST_OWNER : undefined;
}

/** An owner may give and manage every role, an admin only those below. */
const mayGive = (own: Role, role: Role): boolean => own === 'owner' || outranks(own, role);
const mayManage = mayGive;

/** Members of a new thread: whoever creates it owns it; the others once each. */
export function foundingMembers(actor: string, members: readonly string[]): { user: string; role: Role }[] {
  const others = new Set(members.filter((user) => user !== actor));
  return [{ user: actor, role: 'owner' }, ...[...others].map((user) => ({ user, role: 'member' as const }))];
}

export function mayCreate(actor: string, exists: boolean, members: number, maxMembers: number): Ruling {
  if (actor === '') return refused('unauthorized', 'sign in to create a thread');
  if (exists) return refused('conflict', 'this thread exists already');
  return members > maxMembers ? refused('limit_exceeded', `a thread may have ${maxMembers} members`) : undefined;
}

/** What a permitted change does to the standing that the next command of the batch meets. */
export function joined(standing: Standing, user: string, role: Role): void {
  standing.roles.set(user, role);
  standing.members++;
  if (role === 'owner') standing.owners++;
}

export function left(standing: Standing, user: string): void {
  if (standing.roles.get(user) === 'owner') standing.owners--;
  standing.roles.delete(user);
  standing.members--;
}

export function changedRole(standing: Standing, user: string, role: Role): void {
  left(standing, user);
  joined(standing, user, role);
}
