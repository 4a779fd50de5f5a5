/** Writes notices, badges and wishes; each call is one statement. The badge is arithmetic on the rows that the statement itself has changed. */
import type { Notified } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';

/** Of an event on the inbox of `user`. */
interface OnInbox {
  readonly user: string;
  readonly seq: number;
}

const STORE = `
WITH told AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::uuid[], $8::text[], $9::bigint[])
    AS t(user_id, seq, id, kind, thread, thread_seq, message_id, said_by, ts)),
stored AS (
  INSERT INTO notice (user_id, seq, id, kind, thread, thread_seq, message_id, said_by, ts)
  SELECT user_id, seq, id, kind, thread, thread_seq, message_id, said_by, ts FROM told RETURNING user_id, seq),
added AS (SELECT user_id, max(seq) AS seq, count(*) AS more FROM stored GROUP BY user_id)
INSERT INTO notice_inbox AS b (user_id, seq, unread) SELECT user_id, seq, more FROM added
ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq, unread = b.unread + excluded.unread`;

export async function storeNotices(tx: Transaction, told: readonly (Notified & OnInbox & { readonly id: string; readonly ts: number })[]): Promise<void> {
  await tx.query({
    name: 'notice-store',
    text: STORE,
    values: [
      told.map(({ user }) => user),
      told.map(({ seq }) => seq),
      told.map(({ id }) => id),
      told.map(({ kind }) => kind),
      told.map(({ thread }) => thread),
      told.map(({ thread_seq }) => thread_seq),
      told.map(({ message_id }) => message_id ?? null),
      told.map(({ by }) => by),
      told.map(({ ts }) => ts),
    ],
  });
}

const READ = `
WITH named AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[]) AS i(user_id, seq, notice)),
marked AS (
  UPDATE notice n SET read = true FROM named i
  WHERE n.id = i.notice AND n.user_id = i.user_id AND NOT n.read AND n.seq > (SELECT b.read_through FROM notice_inbox b WHERE b.user_id = i.user_id)
  RETURNING n.user_id),
fewer AS (SELECT i.user_id, max(i.seq) AS seq, (SELECT count(*) FROM marked m WHERE m.user_id = i.user_id) AS less FROM named i GROUP BY i.user_id)
UPDATE notice_inbox b SET seq = f.seq, unread = b.unread - f.less FROM fewer f WHERE b.user_id = f.user_id`;

export async function readNotices(tx: Transaction, read: readonly (OnInbox & { readonly notice: string })[]): Promise<void> {
  await tx.query({ name: 'notice-read', text: READ, values: [read.map(({ user }) => user), read.map(({ seq }) => seq), read.map(({ notice }) => notice)] });
}

// Several commands about one thread of one inbox in a batch: the farthest stands for all.
const CLEAR = `
WITH cleared AS MATERIALIZED (
  SELECT i.user_id, i.thread, max(i.seq) AS seq, max(i.thread_seq) AS thread_seq
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) AS i(user_id, seq, thread, thread_seq) GROUP BY i.user_id, i.thread),
marked AS (
  UPDATE notice n SET read = true FROM cleared i
  WHERE n.user_id = i.user_id AND n.thread = i.thread AND n.thread_seq <= i.thread_seq AND NOT n.read
    AND n.seq > (SELECT b.read_through FROM notice_inbox b WHERE b.user_id = i.user_id)
  RETURNING n.user_id),
fewer AS (SELECT i.user_id, max(i.seq) AS seq, (SELECT count(*) FROM marked m WHERE m.user_id = i.user_id) AS less FROM cleared i GROUP BY i.user_id)
UPDATE notice_inbox b SET seq = f.seq, unread = b.unread - f.less FROM fewer f WHERE b.user_id = f.user_id`;

export async function clearThreads(tx: Transaction, cleared: readonly (OnInbox & { readonly thread: string; readonly thread_seq: number })[]): Promise<void> {
  await tx.query({
    name: 'notice-clear-threads',
    text: CLEAR,
    values: [cleared.map(({ user }) => user), cleared.map(({ seq }) => seq), cleared.map(({ thread }) => thread), cleared.map(({ thread_seq }) => thread_seq)],
  });
}

const MOVE = `
WITH moved AS MATERIALIZED (
  SELECT i.user_id, max(i.seq) AS seq, max(i.through) AS through FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS i(user_id, seq, through) GROUP BY i.user_id)
UPDATE notice_inbox b SET seq = i.seq, read_through = greatest(b.read_through, i.through), unread = b.unread - CASE
  WHEN i.through >= b.seq THEN b.unread
  ELSE (SELECT count(*) FROM notice n WHERE n.user_id = b.user_id AND n.seq > b.read_through AND n.seq <= i.through AND NOT n.read) END
FROM moved i WHERE b.user_id = i.user_id`;

export async function moveThrough(tx: Transaction, moved: readonly (OnInbox & { readonly through: number })[]): Promise<void> {
  await tx.query({
    name: 'notice-move-through',
    text: MOVE,
    values: [moved.map(({ user }) => user), moved.map(({ seq }) => seq), moved.map(({ through }) => through)],
  });
}

const lastOf = <T>(items: readonly T[], key: (item: T) => string): T[] => [...new Map(items.map((item) => [key(item), item])).values()];

export async function writeKindsOff(tx: Transaction, set: readonly { readonly user: string; readonly off: readonly string[] }[]): Promise<void> {
  const wishes = lastOf(set, ({ user }) => user);
  await tx.query({
    name: 'notice-write-kinds-off',
    text: `INSERT INTO notice_inbox AS b (user_id, kinds_off)
      SELECT i.user_id, string_to_array(i.off, ' ') FROM unnest($1::text[], $2::text[]) AS i(user_id, off)
      ON CONFLICT (user_id) DO UPDATE SET kinds_off = excluded.kinds_off`,
    values: [wishes.map(({ user }) => user), wishes.map(({ off }) => off.join(' '))],
  });
}

export interface Mute {
  readonly user: string;
  readonly thread: string;
  readonly muted: boolean;
}

export async function writeMutes(tx: Transaction, changed: readonly Mute[]): Promise<void> {
  const wishes = lastOf(changed, ({ user, thread }) => `${thread} ${user}`);
  const [muted, unmuted] = [wishes.filter((wish) => wish.muted), wishes.filter((wish) => !wish.muted)];
  await tx.query({
    name: 'notice-write-mutes',
    text: `WITH unmuted AS (DELETE FROM notice_mute m USING unnest($3::text[], $4::text[]) AS i(user_id, thread) WHERE m.user_id = i.user_id AND m.thread = i.thread)
      INSERT INTO notice_mute (user_id, thread) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
    values: [muted.map(({ user }) => user), muted.map(({ thread }) => thread), unmuted.map(({ user }) => user), unmuted.map(({ thread }) => thread)],
  });
}
