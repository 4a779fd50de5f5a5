/** What has been followed of each log. A row's lock lets one process at a time move it on. */
import type { Queryable, Transaction } from '@veche/platform-postgres';

export interface Cursor {
  readonly channel: string;
  readonly epoch: string;
  /** Everything up to it is followed. */
  readonly seq: number;
  readonly past: number;
  /** Failed attempts at the event behind `seq`. */
  readonly attempt: number;
  /** The next attempt is still to wait. */
  readonly shut: boolean;
}

const COLUMNS = 'channel, epoch, seq, past, attempt, coalesce(retry_at > now(), false) AS shut';

export async function cursorsOf(db: Pick<Queryable, 'query'>, channels: readonly string[]): Promise<ReadonlyMap<string, Cursor>> {
  return byChannel(
    await db.query<Cursor>({ name: 'notice-cursors', text: `SELECT ${COLUMNS} FROM notice_cursor WHERE channel = ANY($1::text[])`, values: [channels] }),
  );
}

/** Makes the rows that are missing, then locks all, in the order of their names: two processes wait for each other and never in a circle. */
export async function lockCursors(
  tx: Transaction,
  logs: readonly { readonly channel: string; readonly epoch: string }[],
): Promise<ReadonlyMap<string, Cursor>> {
  await tx.query({
    name: 'notice-make-cursors',
    text: `INSERT INTO notice_cursor (channel, epoch, seq)
      SELECT i.channel, i.epoch, 0 FROM unnest($1::text[], $2::text[]) AS i(channel, epoch)
      WHERE NOT EXISTS (SELECT FROM notice_cursor c WHERE c.channel = i.channel) ORDER BY i.channel ON CONFLICT DO NOTHING`,
    values: [logs.map(({ channel }) => channel), logs.map(({ epoch }) => epoch)],
  });
  return byChannel(
    await tx.query<Cursor>({
      name: 'notice-lock-cursors',
      text: `SELECT ${COLUMNS} FROM notice_cursor WHERE channel = ANY($1::text[]) ORDER BY channel FOR UPDATE`,
      values: [logs.map(({ channel }) => channel)],
    }),
  );
}

export async function moveCursors(tx: Transaction, moved: readonly { readonly channel: string; readonly seq: number }[]): Promise<void> {
  await tx.query({
    name: 'notice-move-cursors',
    text: `UPDATE notice_cursor c SET seq = i.seq, attempt = 0, retry_at = NULL FROM unnest($1::text[], $2::bigint[]) AS i(channel, seq) WHERE c.channel = i.channel`,
    values: [moved.map(({ channel }) => channel), moved.map(({ seq }) => seq)],
  });
}

/** Shuts the gate of a log whose next event could not be followed; its cursor may be still to be made. */
export async function shutGate(db: Pick<Queryable, 'query'>, channel: string, delayMs: number): Promise<void> {
  await db.query({
    name: 'notice-shut-gate',
    text: `INSERT INTO notice_cursor AS k (channel, epoch, seq, attempt, retry_at)
      SELECT name, epoch, 0, 1, now() + $2::float8 * interval '1 millisecond' FROM channel WHERE name = $1
      ON CONFLICT (channel) DO UPDATE SET attempt = k.attempt + 1, retry_at = excluded.retry_at`,
    values: [channel, delayMs],
  });
}

/** Logs whose gate has opened again. */
export const openedGates = (db: Pick<Queryable, 'query'>, limit: number): Promise<readonly { readonly channel: string; readonly seq: number }[]> =>
  db.query({
    name: 'notice-opened-gates',
    text: 'SELECT channel, seq + 1 AS seq FROM notice_cursor WHERE retry_at <= now() ORDER BY retry_at LIMIT $1',
    values: [limit],
  });

/**
 * The numbering of the log was rewound: what was followed of it is not what it holds now. A thread is read again from its beginning,
 * silently up to where it stands.
 */
export async function restartCursor(tx: Transaction, channel: string, epoch: string, head: number): Promise<void> {
  await tx.query({ text: 'DELETE FROM notice_member WHERE thread = $1', values: [channel] });
  await tx.query({ text: 'DELETE FROM notice_thread WHERE thread = $1', values: [channel] });
  await tx.query({
    text: `UPDATE notice_cursor SET epoch = $2, seq = CASE WHEN channel LIKE 'user:%' THEN $3::bigint ELSE 0 END, past = $3, attempt = 0, retry_at = NULL WHERE channel = $1`,
    values: [channel, epoch, head],
  });
}

const byChannel = (rows: readonly Cursor[]): ReadonlyMap<string, Cursor> => new Map(rows.map((row) => [row.channel, row]));
