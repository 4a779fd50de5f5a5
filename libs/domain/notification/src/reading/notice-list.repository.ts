/** Reads notices and badges as their owner sees them. */
import type { Badge, Notice } from '@veche/contracts';
import type { Queryable } from '@veche/platform-postgres';

type Reader = Pick<Queryable, 'query'>;

interface Row extends Omit<Notice, 'message_id'>, Badge {
  readonly notice_seq: number | null;
  readonly message_id: string | null;
}

// One statement, hence one moment: the badge is that of the page.
const LIST = `
SELECT coalesce(b.unread, 0) AS unread, coalesce(b.seq, 0) AS seq, n.seq AS notice_seq, n.id, n.kind, n.thread, n.thread_seq, n.message_id, n.said_by AS by, n.ts,
  n.read OR n.seq <= b.read_through AS read
FROM (SELECT $1::text AS user_id) i LEFT JOIN notice_inbox b ON b.user_id = i.user_id
LEFT JOIN LATERAL (SELECT * FROM notice n WHERE n.user_id = i.user_id AND n.seq < $2 ORDER BY n.seq DESC LIMIT $3) n ON true
ORDER BY n.seq DESC`;

export interface Listed extends Badge {
  readonly notices: readonly Notice[];
}

/** Notices before a seq of the inbox, the newest first. */
export async function listNotices(db: Reader, user: string, before: number, limit: number): Promise<Listed> {
  const rows = await db.query<Row>({ name: 'notice-list', text: LIST, values: [user, before, limit] });
  const [first] = rows;
  return { unread: first?.unread ?? 0, seq: first?.seq ?? 0, notices: rows.filter(({ notice_seq }) => notice_seq !== null).map(toNotice) };
}

const toNotice = ({ id, notice_seq, kind, thread, thread_seq, message_id, by, ts, read }: Row): Notice => ({
  id,
  seq: notice_seq ?? 0,
  kind,
  thread,
  thread_seq,
  ...(message_id !== null && { message_id }),
  by,
  ts,
  read,
});

export async function badgeOf(db: Reader, user: string): Promise<Badge> {
  const [row] = await db.query<Badge>({ name: 'notice-badge', text: 'SELECT unread, seq FROM notice_inbox WHERE user_id = $1', values: [user] });
  return row ?? { unread: 0, seq: 0 };
}
