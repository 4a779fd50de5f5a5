/** Commands that are to be sent: written in the transaction that makes them due, gone once they were answered. The outbox of the service. */
import type { NoticeKind } from '@veche/contracts';
import type { Queryable, Transaction } from '@veche/platform-postgres';
import type { PlannedNotice, Reading } from '../planning/plan.rules.ts';

export interface Due {
  readonly id: number;
  readonly user: string;
  readonly thread: string;
  readonly what: NoticeKind | 'clear';
  readonly threadSeq: number;
  readonly message: string | null;
  readonly by: string;
  /** Attempts so far, the present one included. */
  readonly attempt: number;
}

const COLUMNS = 'id, user_id AS user, thread, what, thread_seq AS "threadSeq", message_id AS message, said_by AS by, attempt';
const LEASED = `now() + $LEASE::float8 * interval '1 millisecond'`;

/** Whoever writes them sends them at once: they are leased to the writer. A row that is there already is somebody's. */
export async function addNotices(tx: Transaction, planned: readonly PlannedNotice[], leaseMs: number): Promise<readonly Due[]> {
  if (planned.length === 0) return [];
  return tx.query<Due>({
    name: 'notice-add-due',
    text: `INSERT INTO notice_due (user_id, thread, what, thread_seq, message_id, said_by, attempt, due_at)
      SELECT i.user_id, i.thread, i.what, i.thread_seq, i.message_id, i.said_by, 1, ${LEASED.replace('LEASE', '7')}
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::text[]) AS i(user_id, thread, what, thread_seq, message_id, said_by)
      ORDER BY i.user_id, i.thread, i.thread_seq, i.what ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    values: [
      planned.map(({ user }) => user),
      planned.map(({ thread }) => thread),
      planned.map(({ kind }) => kind),
      planned.map(({ threadSeq }) => threadSeq),
      planned.map(({ message }) => message),
      planned.map(({ by }) => by),
      leaseMs,
    ],
  });
}

/**
 * Readings that concern a notice: one that is unread in the inbox, or one that is on its way there. A row of the second kind goes only
 * when its notice is committed, and a statement sees both at one moment: none slips through between.
 */
const CLEARS = `
INSERT INTO notice_due (user_id, thread, what, thread_seq, said_by, attempt, due_at)
SELECT r.user_id, r.thread, 'clear', r.thread_seq, '', 1, ${LEASED.replace('LEASE', '4')}
FROM (SELECT i.user_id, i.thread, max(i.thread_seq) AS thread_seq FROM unnest($1::text[], $2::text[], $3::bigint[]) AS i(user_id, thread, thread_seq) GROUP BY i.user_id, i.thread) r
WHERE coalesce(
  (SELECT true FROM notice n WHERE n.user_id = r.user_id AND n.thread = r.thread AND n.thread_seq <= r.thread_seq AND NOT n.read
    AND n.seq > (SELECT b.read_through FROM notice_inbox b WHERE b.user_id = r.user_id) LIMIT 1),
  (SELECT true FROM notice_due d WHERE d.user_id = r.user_id AND d.thread = r.thread AND d.thread_seq <= r.thread_seq AND d.what <> 'clear' LIMIT 1), false)
ORDER BY r.user_id, r.thread ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`;

export async function addClears(tx: Transaction, readings: readonly Reading[], leaseMs: number): Promise<readonly Due[]> {
  if (readings.length === 0) return [];
  return tx.query<Due>({
    name: 'notice-add-clears',
    text: CLEARS,
    values: [readings.map(({ user }) => user), readings.map(({ thread }) => thread), readings.map(({ threadSeq }) => threadSeq), leaseMs],
  });
}

/** Takes what nobody has a lease on: retries whose time has come, and what a killed process has left. */
export const claim = (db: Pick<Queryable, 'query'>, limit: number, leaseMs: number): Promise<readonly Due[]> =>
  db.query<Due>({
    name: 'notice-claim-due',
    text: `UPDATE notice_due d SET attempt = d.attempt + 1, due_at = ${LEASED.replace('LEASE', '2')}
      FROM (SELECT id FROM notice_due WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) c WHERE d.id = c.id
      RETURNING d.id, d.user_id AS user, d.thread, d.what, d.thread_seq AS "threadSeq", d.message_id AS message, d.said_by AS by, d.attempt`,
    values: [limit, leaseMs],
  });

export async function removeDue(db: Pick<Queryable, 'query'>, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await db.query({ name: 'notice-remove-due', text: 'DELETE FROM notice_due WHERE id = ANY($1::bigint[])', values: [ids] });
}

export async function postpone(db: Pick<Queryable, 'query'>, later: readonly { readonly id: number; readonly delayMs: number }[]): Promise<void> {
  if (later.length === 0) return;
  await db.query({
    name: 'notice-postpone-due',
    text: `UPDATE notice_due d SET due_at = now() + i.delay * interval '1 millisecond' FROM unnest($1::bigint[], $2::float8[]) AS i(id, delay) WHERE d.id = i.id`,
    values: [later.map(({ id }) => id), later.map(({ delayMs }) => delayMs)],
  });
}
