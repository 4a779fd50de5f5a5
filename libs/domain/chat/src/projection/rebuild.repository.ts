/** Removes what a rebuild writes anew, under the locks under which the live path writes it. */
import type { Transaction } from '@veche/platform-postgres';

export interface LockedLog {
  readonly id: string;
  readonly name: string;
  readonly last_seq: number;
}

/** In id order, as the owner of the log takes them. Channels without a row are absent: their log is empty. */
export const lockLogs = (tx: Transaction, channels: readonly string[]): Promise<readonly LockedLog[]> =>
  tx.query<LockedLog>({
    text: 'SELECT id::text AS id, name, last_seq FROM channel WHERE name = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE',
    values: [channels],
  });

/** Rows of one statement: a long thread must not run into the statement timeout. */
const CHUNK = 5000;

export async function clearThread(tx: Transaction, thread: string): Promise<void> {
  let removed = CHUNK;
  while (removed === CHUNK) removed = await clearMessages(tx, thread);
  await tx.query({ text: 'DELETE FROM member WHERE thread = $1', values: [thread] });
  await tx.query({ text: 'DELETE FROM thread WHERE id = $1', values: [thread] });
}

async function clearMessages(tx: Transaction, thread: string): Promise<number> {
  const [row] = await tx.query<{ readonly removed: number }>({
    text: `WITH gone AS (DELETE FROM message WHERE id IN (SELECT id FROM message WHERE thread = $1 ORDER BY seq LIMIT ${CHUNK}) RETURNING id),
      taken AS (DELETE FROM reaction WHERE message IN (SELECT id FROM gone)) SELECT count(*) AS removed FROM gone`,
    values: [thread],
  });
  return row?.removed ?? 0;
}

export async function clearMarkers(tx: Transaction, thread: string, users: readonly string[]): Promise<void> {
  await tx.query({ text: 'DELETE FROM read_marker WHERE thread = $1 AND user_id = ANY($2::text[])', values: [thread, users] });
}
