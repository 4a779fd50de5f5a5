/** Who is in which thread and how far they have read, as far as notices know: folded from the logs. */
import type { Transaction } from '@veche/platform-postgres';
import type { LastSaid, Reading, Standing } from '../planning/plan.rules.ts';

export interface Person {
  readonly thread: string;
  readonly user: string;
}

export type PersonRow = Person & Standing;

// Scalar subqueries and nested look-ups only: one row for each pair, whether there is a member or not.
const PEOPLE = `
SELECT i.thread, i.user_id AS user, coalesce(m.joined, false) AS joined, coalesce(m.read_seq, 0) AS "readSeq", m.waiting_seq AS "waitingSeq",
  coalesce((SELECT b.kinds_off FROM notice_inbox b WHERE b.user_id = i.user_id), '{}') AS "kindsOff",
  (SELECT true FROM notice_mute x WHERE x.user_id = i.user_id AND x.thread = i.thread) IS NOT NULL AS muted
FROM unnest($1::text[], $2::text[]) AS i(thread, user_id)
LEFT JOIN notice_member m ON m.thread = i.thread AND m.user_id = i.user_id`;

export const people = (tx: Transaction, asked: readonly Person[]): Promise<readonly PersonRow[]> =>
  tx.query<PersonRow>({ name: 'notice-people', text: PEOPLE, values: [asked.map(({ thread }) => thread), asked.map(({ user }) => user)] });

/** Members of each thread; a thread that nothing is known of is absent. */
export async function memberCounts(tx: Transaction, threads: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ readonly thread: string; readonly members: number }>({
    name: 'notice-member-counts',
    text: 'SELECT thread, members FROM notice_thread WHERE thread = ANY($1::text[])',
    values: [threads],
  });
  return new Map(rows.map(({ thread, members }) => [thread, members]));
}

export interface MovedThread {
  readonly thread: string;
  readonly members: number;
  readonly firstSaid: LastSaid | undefined;
  readonly lastSaid: LastSaid | undefined;
}

// A check that is under way stays: it leads to the next one.
const MOVE = `
INSERT INTO notice_thread AS t (thread, members, said_seq, said_message, said_by, said_at, check_seq, check_message, check_by, check_at)
SELECT i.thread, i.members, coalesce(i.last_seq, 0), i.last_message, i.last_by, to_timestamp(i.last_ts / 1000.0),
  i.first_seq, i.first_message, i.first_by, to_timestamp(i.first_ts / 1000.0) + $11::float8 * interval '1 millisecond'
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::uuid[], $9::text[], $10::bigint[])
  AS i(thread, members, first_seq, first_message, first_by, first_ts, last_seq, last_message, last_by, last_ts)
ORDER BY i.thread
ON CONFLICT (thread) DO UPDATE SET members = excluded.members,
  said_seq = greatest(t.said_seq, excluded.said_seq), said_message = coalesce(excluded.said_message, t.said_message),
  said_by = coalesce(excluded.said_by, t.said_by), said_at = coalesce(excluded.said_at, t.said_at),
  check_seq = CASE WHEN t.check_at IS NULL THEN excluded.check_seq ELSE t.check_seq END,
  check_message = CASE WHEN t.check_at IS NULL THEN excluded.check_message ELSE t.check_message END,
  check_by = CASE WHEN t.check_at IS NULL THEN excluded.check_by ELSE t.check_by END,
  check_at = CASE WHEN t.check_at IS NULL THEN excluded.check_at ELSE t.check_at END`;

/** @param absentAfterMs from the first unchecked message of a thread to the look at who has read it */
export async function moveThreads(tx: Transaction, moved: readonly MovedThread[], absentAfterMs: number): Promise<void> {
  if (moved.length === 0) return;
  await tx.query({
    name: 'notice-move-threads',
    text: MOVE,
    values: [
      moved.map(({ thread }) => thread),
      moved.map(({ members }) => members),
      ...columnsOf(moved.map(({ firstSaid }) => firstSaid)),
      ...columnsOf(moved.map(({ lastSaid }) => lastSaid)),
      absentAfterMs,
    ],
  });
}

const columnsOf = (said: readonly (LastSaid | undefined)[]): unknown[] => [
  said.map((one) => one?.seq ?? null),
  said.map((one) => one?.message ?? null),
  said.map((one) => one?.by ?? null),
  said.map((one) => one?.ts ?? null),
];

export type MemberRow = Person & Pick<Standing, 'joined' | 'readSeq' | 'waitingSeq'>;

// In the order of the key, as every writer of members: two of them wait for each other and never in a circle.
const SAVE = `
INSERT INTO notice_member AS m (thread, user_id, joined, read_seq, waiting_seq)
SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[], $5::bigint[]) AS i(thread, user_id, joined, read_seq, waiting_seq)
ORDER BY i.thread, i.user_id
ON CONFLICT (thread, user_id) DO UPDATE SET joined = excluded.joined, read_seq = greatest(m.read_seq, excluded.read_seq),
  waiting_seq = CASE WHEN coalesce(m.waiting_seq, excluded.waiting_seq) > greatest(m.read_seq, excluded.read_seq) THEN coalesce(m.waiting_seq, excluded.waiting_seq) END`;

export async function saveMembers(tx: Transaction, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: 'notice-save-members',
    text: SAVE,
    values: [
      rows.map(({ thread }) => thread),
      rows.map(({ user }) => user),
      rows.map(({ joined }) => joined),
      rows.map(({ readSeq }) => readSeq),
      rows.map(({ waitingSeq }) => waitingSeq),
    ],
  });
}

/** A marker may be met before the event that made its reader a member: it is kept, and they are no member by it. */
const MARK = `
INSERT INTO notice_member AS m (thread, user_id, joined, read_seq)
SELECT i.thread, i.user_id, false, max(i.seq) FROM unnest($1::text[], $2::text[], $3::bigint[]) AS i(thread, user_id, seq)
GROUP BY i.thread, i.user_id ORDER BY i.thread, i.user_id
ON CONFLICT (thread, user_id) DO UPDATE SET read_seq = greatest(m.read_seq, excluded.read_seq),
  waiting_seq = CASE WHEN m.waiting_seq > excluded.read_seq THEN m.waiting_seq END`;

export async function markRead(tx: Transaction, readings: readonly Reading[]): Promise<void> {
  if (readings.length === 0) return;
  await tx.query({
    name: 'notice-mark-read',
    text: MARK,
    values: [readings.map(({ thread }) => thread), readings.map(({ user }) => user), readings.map(({ threadSeq }) => threadSeq)],
  });
}
