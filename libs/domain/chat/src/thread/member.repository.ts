/** Reads the members of a thread. */
import type { Role, ThreadMember } from '@veche/contracts';
import type { Queryable } from '@veche/platform-postgres';
import { roleOf } from './membership.rules.ts';

/** `undefined` for a stranger and for a thread that does not exist. */
export async function roleIn(db: Pick<Queryable, 'query'>, channel: string, user: string): Promise<Role | undefined> {
  const [row] = await db.query<{ readonly role: number }>({
    name: 'chat-role',
    text: 'SELECT m.role FROM thread t JOIN member m ON m.thread = t.id AND m.user_id = $2 WHERE t.name = $1',
    values: [channel, user],
  });
  return row && roleOf(row.role);
}

/** The same for many, in the order asked for; a look-up each, whatever the planner thinks of the tables. */
export async function rolesIn(
  db: Pick<Queryable, 'query'>,
  asked: readonly { readonly channel: string; readonly user: string }[],
): Promise<readonly (Role | undefined)[]> {
  const rows = await db.query<{ readonly role: number | null }>({
    name: 'chat-roles',
    text: `SELECT (SELECT m.role FROM thread t JOIN member m ON m.thread = t.id AND m.user_id = i.user_id WHERE t.name = i.name) AS role
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i(name, user_id, ord) ORDER BY i.ord`,
    values: [asked.map(({ channel }) => channel), asked.map(({ user }) => user)],
  });
  return rows.map(({ role }) => (role === null ? undefined : roleOf(role)));
}

/** Members are listed owners first, then by user id. */
export interface MemberPosition {
  readonly rank: number;
  readonly user: string;
}

export async function listMembers(db: Pick<Queryable, 'query'>, channel: string, limit: number, after: MemberPosition): Promise<ThreadMember[]> {
  const rows = await db.query<{ readonly user_id: string; readonly role: number }>({
    name: 'chat-members',
    text: `SELECT m.user_id, m.role FROM thread t JOIN member m ON m.thread = t.id
      WHERE t.name = $1 AND (m.role, m.user_id) > ($2, $3) ORDER BY m.role, m.user_id LIMIT $4`,
    values: [channel, after.rank, after.user, limit],
  });
  return rows.map(({ user_id, role }) => ({ user: user_id, role: roleOf(role) ?? 'reader' }));
}
