/** Threads whose members are to be asked whether they have read a message, and the members who may not have. */
import type { Transaction } from '@veche/platform-postgres';
import type { Person, PersonRow } from '../following/thread.repository.ts';

export interface Check {
  readonly thread: string;
  readonly members: number;
  /** The message asked about. */
  readonly seq: number;
  readonly message: string;
  readonly by: string;
}

/** Another process takes others. */
export const takeChecks = (tx: Transaction, limit: number): Promise<readonly Check[]> =>
  tx.query<Check>({
    name: 'notice-take-checks',
    text: `SELECT thread, members, check_seq AS seq, check_message AS message, check_by AS by FROM notice_thread
      WHERE check_at <= now() ORDER BY check_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
    values: [limit],
  });

/** What was said behind the checked message is checked next, in its own time. */
export async function nextChecks(tx: Transaction, threads: readonly string[], absentAfterMs: number): Promise<void> {
  await tx.query({
    name: 'notice-next-checks',
    text: `UPDATE notice_thread t SET
        check_seq = CASE WHEN t.said_seq > t.check_seq THEN t.said_seq END, check_message = CASE WHEN t.said_seq > t.check_seq THEN t.said_message END,
        check_by = CASE WHEN t.said_seq > t.check_seq THEN t.said_by END,
        check_at = CASE WHEN t.said_seq > t.check_seq THEN t.said_at + $2::float8 * interval '1 millisecond' END
      WHERE t.thread = ANY($1::text[])`,
    values: [threads, absentAfterMs],
  });
}

/** Members who were told of nothing and have not read so far; whoever is waiting already costs nothing here. */
export const unread = (tx: Transaction, checks: readonly Check[]): Promise<readonly PersonRow[]> =>
  tx.query<PersonRow>({
    name: 'notice-unread-members',
    text: `SELECT m.thread, m.user_id AS user, m.joined, m.read_seq AS "readSeq", m.waiting_seq AS "waitingSeq",
        coalesce((SELECT b.kinds_off FROM notice_inbox b WHERE b.user_id = m.user_id), '{}') AS "kindsOff",
        (SELECT true FROM notice_mute x WHERE x.user_id = m.user_id AND x.thread = m.thread) IS NOT NULL AS muted
      FROM unnest($1::text[], $2::bigint[]) AS i(thread, seq)
      JOIN notice_member m ON m.thread = i.thread AND m.joined AND m.waiting_seq IS NULL AND m.read_seq < i.seq`,
    values: [checks.map(({ thread }) => thread), checks.map(({ seq }) => seq)],
  });

/** Those of them who wait from now on: not who has read or was told in the meantime. */
export const setWaiting = (tx: Transaction, absent: readonly (Person & { readonly seq: number })[]): Promise<readonly Person[]> =>
  tx.query<Person>({
    name: 'notice-set-waiting',
    text: `UPDATE notice_member m SET waiting_seq = w.seq
      FROM (SELECT l.thread, l.user_id, i.seq FROM unnest($1::text[], $2::text[], $3::bigint[]) AS i(thread, user_id, seq)
        JOIN notice_member l ON l.thread = i.thread AND l.user_id = i.user_id AND l.waiting_seq IS NULL AND l.read_seq < i.seq
        ORDER BY l.thread, l.user_id FOR UPDATE OF l) w
      WHERE m.thread = w.thread AND m.user_id = w.user_id RETURNING m.thread, m.user_id AS user`,
    values: [absent.map(({ thread }) => thread), absent.map(({ user }) => user), absent.map(({ seq }) => seq)],
  });
