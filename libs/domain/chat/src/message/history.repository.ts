/** Reads folded messages; position and page are of one moment, because one statement is one snapshot. */
import type { ChatMessage } from '@veche/contracts';
import type { Queryable } from '@veche/platform-postgres';
import { folded, MESSAGE_COLUMNS, type MessageRow } from './folded-message.ts';

export interface HistoryQuery {
  readonly channel: string;
  readonly user: string;
  readonly limit: number;
  /** Only messages before this seq, the newest of them. */
  readonly before?: number | undefined;
  /** Only messages after this seq, the oldest of them. */
  readonly after?: number | undefined;
}

export interface History {
  /** Ascending. */
  readonly messages: readonly ChatMessage[];
  /** Top of the thread's log that this page reflects. */
  readonly last_seq: number;
}

type Row = MessageRow & { readonly last_seq: number };

const page = (condition: string, order: 'ASC' | 'DESC'): string => `
SELECT t.last_seq, t.name AS channel, p.*
FROM thread t JOIN member reader ON reader.thread = t.id AND reader.user_id = $2
LEFT JOIN LATERAL (
  SELECT ${MESSAGE_COLUMNS} FROM message m WHERE m.thread = t.id AND ${condition} ORDER BY m.seq ${order} LIMIT $4) p ON true
WHERE t.name = $1 ORDER BY p.seq`;

const BEFORE = { name: 'chat-history-before', text: page('m.seq < $3', 'DESC') };
const AFTER = { name: 'chat-history-after', text: page('m.seq > $3', 'ASC') };

/** `undefined` when the user is no member or there is no such thread. */
export async function history(db: Pick<Queryable, 'query'>, { channel, user, limit, before, after }: HistoryQuery): Promise<History | undefined> {
  const statement = after === undefined ? BEFORE : AFTER;
  const rows = await db.query<Row>({ ...statement, values: [channel, user, after ?? before ?? Number.MAX_SAFE_INTEGER, limit] });
  const [first] = rows;
  if (!first) return undefined;
  // The message columns are null when the page is empty.
  return { last_seq: first.last_seq, messages: rows.filter(({ id }) => id !== null).map(({ last_seq: _, ...row }) => folded(row)) };
}

const MESSAGE = `
SELECT t.name AS channel, ${MESSAGE_COLUMNS}
FROM thread t JOIN member reader ON reader.thread = t.id AND reader.user_id = $2 LEFT JOIN message m ON m.thread = t.id AND m.id = $3
WHERE t.name = $1`;

/** `undefined` as in `history`; null when the thread has no such message. */
export async function messageOf(db: Pick<Queryable, 'query'>, channel: string, user: string, id: string): Promise<ChatMessage | null | undefined> {
  const [row] = await db.query<MessageRow>({ name: 'chat-message', text: MESSAGE, values: [channel, user, id] });
  if (!row) return undefined;
  return row.id === null ? null : folded(row);
}
