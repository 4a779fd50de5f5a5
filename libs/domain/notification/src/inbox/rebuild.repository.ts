/** Removes what a rebuild writes anew, under the lock under which the live path writes it. */
import type { Transaction } from '@veche/platform-postgres';

export interface LockedInbox {
  readonly name: string;
  readonly last_seq: number;
}

export async function lockInbox(tx: Transaction, channel: string): Promise<LockedInbox | undefined> {
  const [row] = await tx.query<LockedInbox>({ text: 'SELECT name, last_seq FROM channel WHERE name = $1 FOR NO KEY UPDATE', values: [channel] });
  return row;
}

/** Rows of one statement: a full inbox must not run into the statement timeout. */
const CHUNK = 5000;

export async function clearInbox(tx: Transaction, user: string): Promise<void> {
  for (let removed = CHUNK; removed === CHUNK;) {
    const [row] = await tx.query<{ readonly removed: number }>({
      text: `WITH gone AS (DELETE FROM notice WHERE user_id = $1 AND seq IN (SELECT seq FROM notice WHERE user_id = $1 ORDER BY seq LIMIT ${CHUNK}) RETURNING 1)
        SELECT count(*) AS removed FROM gone`,
      values: [user],
    });
    removed = row?.removed ?? 0;
  }
  await tx.query({ text: 'DELETE FROM notice_inbox WHERE user_id = $1', values: [user] });
  await tx.query({ text: 'DELETE FROM notice_mute WHERE user_id = $1', values: [user] });
}
