/** Reads threads as one reader sees them. */
import { parseChannel, type ThreadSummary } from '@veche/contracts';
import type { Queryable } from '@veche/platform-postgres';
import { folded, MESSAGE_COLUMNS, type MessageRow } from '../message/folded-message.ts';
import { roleOf } from './membership.rules.ts';

/** Where a page of the list ends: threads are listed by their last message, the latest first. */
export interface ListPosition {
  readonly updated_ts: number;
  readonly thread: number;
}

export interface ThreadPage {
  readonly threads: readonly ThreadSummary[];
  /** Of the last thread; null when the page is not full, hence the last. */
  readonly end: ListPosition | null;
}

interface SummaryRow extends MessageRow {
  readonly thread: number;
  readonly title: string;
  readonly role: number;
  readonly members: number;
  readonly last_seq: number;
  readonly last_number: number;
  readonly updated_ts: number;
  readonly read_seq: number;
  readonly unread: number;
}

// The marker and the last message are looked up for the page only: a reader of thousands of threads pays for one sort of their rows.
const SUMMARIES = `
SELECT p.*, p.last_number - greatest(p.sent_number, r.number) AS unread, greatest(p.sent_seq, r.seq) AS read_seq, l.*
FROM (
  SELECT t.id AS thread, t.name AS channel, t.title, t.member_count AS members, t.last_seq, t.last_number, t.updated_ts,
    own.role, own.user_id, own.read_seq AS sent_seq, own.read_number AS sent_number
  FROM member own JOIN thread t ON t.id = own.thread
  WHERE own.user_id = $1 AND `;
const REST = `) p
LEFT JOIN read_marker r ON r.user_id = p.user_id AND r.thread = p.thread
LEFT JOIN LATERAL (SELECT ${MESSAGE_COLUMNS} FROM message m WHERE m.thread = p.thread ORDER BY m.seq DESC LIMIT 1) l ON true
ORDER BY p.updated_ts DESC, p.thread DESC`;

const LIST = {
  name: 'chat-list-threads',
  text: `${SUMMARIES} (t.updated_ts, t.id) < ($2, $3) ORDER BY t.updated_ts DESC, t.id DESC LIMIT $4 ${REST}`,
};
const ONE = { name: 'chat-thread', text: `${SUMMARIES} t.name = $2 ${REST}` };

const START: ListPosition = { updated_ts: Number.MAX_SAFE_INTEGER, thread: 0 };

export async function listThreads(db: Pick<Queryable, 'query'>, user: string, limit: number, after: ListPosition = START): Promise<ThreadPage> {
  const rows = await db.query<SummaryRow>({ ...LIST, values: [user, after.updated_ts, after.thread, limit] });
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return { threads: rows.map(toSummary), end: last ? { updated_ts: last.updated_ts, thread: last.thread } : null };
}

/** `undefined` when the user is no member or there is no such thread. */
export async function threadOf(db: Pick<Queryable, 'query'>, user: string, channel: string): Promise<ThreadSummary | undefined> {
  const [row] = await db.query<SummaryRow>({ ...ONE, values: [user, channel] });
  return row && toSummary(row);
}

function toSummary({ channel, title, role, members, last_seq, last_number, unread, read_seq, updated_ts, ...row }: SummaryRow): ThreadSummary {
  const last_message = row.id === null ? null : folded(messageRow({ channel, ...row }));
  return {
    id: parseChannel(channel)?.id ?? channel,
    channel,
    title,
    role: roleOf(role) ?? 'reader',
    members,
    last_seq,
    last_number,
    unread,
    read_seq,
    last_message,
    updated_ts,
  };
}

const messageRow = ({
  id,
  channel,
  seq,
  number,
  actor,
  command_id,
  ts,
  text,
  reply_to,
  attachments,
  edited_ts,
  deleted,
  reactions,
}: MessageRow): MessageRow => ({
  id,
  channel,
  seq,
  number,
  actor,
  command_id,
  ts,
  text,
  reply_to,
  attachments,
  edited_ts,
  deleted,
  reactions,
});
