/** Writes the rows of threads and their members; each call is one statement. */
import { type MemberAdded, type MemberRemoved, MemberRoleChanged, ThreadCreated } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import { rankOf } from '../thread/membership.rules.ts';
import { dataOf, lastOf, type ThreadEvent } from './thread-event.ts';

/** What one event changes in its thread's row beside its position. */
export interface ThreadChange {
  readonly title?: string;
  /** Members more or fewer. */
  readonly members?: number;
}

export async function insertThreads(tx: Transaction, created: readonly ThreadEvent[]): Promise<void> {
  const data = created.map(({ event }) => dataOf(ThreadCreated, event));
  await tx.query({
    name: 'chat-insert-threads',
    text: `INSERT INTO thread (id, name, title, member_count, last_seq, last_number, created_ts, updated_ts)
      SELECT id, name, title, members, seq, 0, ts, ts FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::bigint[]) AS i(id, name, title, members, seq, ts)`,
    values: [
      created.map(({ thread }) => thread),
      created.map(({ event }) => event.channel),
      data.map(({ title }) => title),
      data.map(({ members }) => members.length),
      created.map(({ event }) => event.seq),
      created.map(({ event }) => event.ts),
    ],
  });
}

/** Moves each thread on to its last event. */
export async function advanceThreads(
  tx: Transaction,
  events: readonly ThreadEvent[],
  changeOf: (event: ThreadEvent) => ThreadChange = () => ({}),
): Promise<void> {
  const threads = new Map<string, { seq: number; title: string | null; members: number }>();
  for (const changed of events) {
    const { title, members = 0 } = changeOf(changed);
    const before = threads.get(changed.thread);
    threads.set(changed.thread, { seq: changed.event.seq, title: title ?? before?.title ?? null, members: (before?.members ?? 0) + members });
  }
  const rows = [...threads.values()];
  await tx.query({
    name: 'chat-advance-threads',
    text: `UPDATE thread t SET last_seq = i.seq, title = coalesce(i.title, t.title), member_count = t.member_count + i.members
      FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::int[]) AS i(thread, seq, title, members) WHERE t.id = i.thread`,
    values: [[...threads.keys()], rows.map(({ seq }) => seq), rows.map(({ title }) => title), rows.map(({ members }) => members)],
  });
}

/** Someone who joins has read what was there before. */
export async function insertMembers(tx: Transaction, joined: readonly { readonly joining: MemberAdded; readonly at: ThreadEvent }[]): Promise<void> {
  await tx.query({
    name: 'chat-insert-members',
    text: `INSERT INTO member (thread, user_id, role, read_seq, read_number, joined_ts)
      SELECT i.thread, i.user_id, i.role, i.seq, (SELECT last_number FROM thread t WHERE t.id = i.thread), i.ts
      FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::bigint[], $5::bigint[]) AS i(thread, user_id, role, seq, ts)`,
    values: [
      joined.map(({ at }) => at.thread),
      joined.map(({ joining }) => joining.user),
      joined.map(({ joining }) => rankOf(joining.role)),
      joined.map(({ at }) => at.event.seq),
      joined.map(({ at }) => at.event.ts),
    ],
  });
}

export async function updateRoles(tx: Transaction, events: readonly ThreadEvent[]): Promise<void> {
  const changes = lastOf(
    events.map(({ thread, event }) => ({ thread, ...dataOf(MemberRoleChanged, event) })),
    ({ thread, user }) => `${thread} ${user}`,
  );
  await tx.query({
    name: 'chat-update-roles',
    text: `UPDATE member m SET role = i.role FROM unnest($1::bigint[], $2::text[], $3::smallint[]) AS i(thread, user_id, role)
      WHERE m.thread = i.thread AND m.user_id = i.user_id`,
    values: [changes.map(({ thread }) => thread), changes.map(({ user }) => user), changes.map(({ role }) => rankOf(role))],
  });
}

export async function deleteMembers(tx: Transaction, removed: readonly { readonly thread: string; readonly leaving: MemberRemoved }[]): Promise<void> {
  await tx.query({
    name: 'chat-delete-members',
    text: `DELETE FROM member m USING unnest($1::bigint[], $2::text[]) AS i(thread, user_id) WHERE m.thread = i.thread AND m.user_id = i.user_id`,
    values: [removed.map(({ thread }) => thread), removed.map(({ leaving }) => leaving.user)],
  });
}
