/** Reads what commands to inboxes are decided on. Each call is one statement for the whole batch, one row for each command, in order. */
import type { Queryable } from '@veche/platform-postgres';
import type { Wishes } from './inbox.rules.ts';

export interface InThread {
  readonly user: string;
  readonly thread: string;
  readonly threadSeq: number;
}

export interface Recipient extends Wishes {
  readonly unread: number;
}

// Scalar subqueries: the planner has no other way to run them than one index look-up each.
const RECIPIENTS = `
SELECT
  coalesce((SELECT b.unread FROM notice_inbox b WHERE b.user_id = i.user_id), 0) AS unread,
  coalesce((SELECT b.kinds_off FROM notice_inbox b WHERE b.user_id = i.user_id), '{}') AS "kindsOff",
  (SELECT true FROM notice_mute m WHERE m.user_id = i.user_id AND m.thread = i.thread) IS NOT NULL AS muted,
  coalesce((SELECT m.read_seq FROM notice_member m WHERE m.thread = i.thread AND m.user_id = i.user_id), 0) AS "readSeq"
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i(user_id, thread, place) ORDER BY i.place`;

export const recipients = (db: Queryable, asked: readonly InThread[]): Promise<readonly Recipient[]> =>
  db.query<Recipient>({ name: 'notice-recipients', text: RECIPIENTS, values: [asked.map(({ user }) => user), asked.map(({ thread }) => thread)] });

export interface Counted {
  /** Badge. */
  readonly unread: number;
  /** Of these, up to the position asked for. */
  readonly upTo: number;
}

const IN_THREADS = `
SELECT
  coalesce((SELECT b.unread FROM notice_inbox b WHERE b.user_id = i.user_id), 0) AS unread,
  (SELECT count(*) FROM notice n WHERE n.user_id = i.user_id AND n.thread = i.thread AND n.thread_seq <= i.thread_seq AND NOT n.read
    AND n.seq > (SELECT b.read_through FROM notice_inbox b WHERE b.user_id = i.user_id)) AS "upTo"
FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS i(user_id, thread, thread_seq, place) ORDER BY i.place`;

export const unreadInThreads = (db: Queryable, asked: readonly InThread[]): Promise<readonly Counted[]> =>
  db.query<Counted>({
    name: 'notice-unread-in-threads',
    text: IN_THREADS,
    values: [asked.map(({ user }) => user), asked.map(({ thread }) => thread), asked.map(({ threadSeq }) => threadSeq)],
  });

export interface Through {
  readonly user: string;
  readonly through: number;
}

// "All" is the badge itself; only a position within the inbox is worth counting.
const THROUGH = `
SELECT coalesce(b.unread, 0) AS unread, CASE
  WHEN b.user_id IS NULL THEN 0
  WHEN i.through >= b.seq THEN b.unread
  ELSE (SELECT count(*) FROM notice n WHERE n.user_id = i.user_id AND n.seq > b.read_through AND n.seq <= i.through AND NOT n.read) END AS "upTo"
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS i(user_id, through, place)
LEFT JOIN notice_inbox b ON b.user_id = i.user_id ORDER BY i.place`;

export const unreadThrough = (db: Queryable, asked: readonly Through[]): Promise<readonly Counted[]> =>
  db.query<Counted>({ name: 'notice-unread-through', text: THROUGH, values: [asked.map(({ user }) => user), asked.map(({ through }) => through)] });

export interface Named {
  readonly user: string;
  readonly notice: string;
}

export interface NamedNotice {
  readonly unread: number;
  /** null: there is none of this id in the inbox. */
  readonly read: boolean | null;
}

const NAMED = `
SELECT coalesce(b.unread, 0) AS unread,
  (SELECT n.read OR n.seq <= b.read_through FROM notice n WHERE n.id = i.notice AND n.user_id = i.user_id) AS read
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i(user_id, notice, place)
LEFT JOIN notice_inbox b ON b.user_id = i.user_id ORDER BY i.place`;

export const namedNotices = (db: Queryable, asked: readonly Named[]): Promise<readonly NamedNotice[]> =>
  db.query<NamedNotice>({ name: 'notice-named', text: NAMED, values: [asked.map(({ user }) => user), asked.map(({ notice }) => notice)] });
