/** Read markers: what a reader has said to have read. Written only under the lock of the reader's inbox. */
import { type ChannelEvent, ThreadRead } from '@veche/contracts';
import type { Queryable, Transaction } from '@veche/platform-postgres';
import { dataOf } from '../projection/thread-event.ts';
import type { Reading } from './reading.rules.ts';

export interface Reader {
  readonly user: string;
  /** Channel name of the thread. */
  readonly channel: string;
}

export interface ReadingRow extends Reading {
  readonly user_id: string;
  readonly name: string;
  readonly thread: number;
}

const READINGS = `
SELECT i.user_id, t.name, t.id AS thread, t.last_seq,
  greatest(m.read_seq, (SELECT r.seq FROM read_marker r WHERE r.user_id = i.user_id AND r.thread = t.id)) AS seq
FROM unnest($1::text[], $2::text[]) AS i(user_id, name)
JOIN thread t ON t.name = i.name
JOIN member m ON m.thread = t.id AND m.user_id = i.user_id`;

/** Threads that the reader is no member of are absent. */
export const readings = (db: Queryable, readers: readonly Reader[]): Promise<readonly ReadingRow[]> =>
  db.query<ReadingRow>({ name: 'chat-readings', text: READINGS, values: [readers.map(({ user }) => user), readers.map(({ channel }) => channel)] });

export interface Marked {
  readonly thread: number;
  readonly seq: number;
}

/** For each marker the number of the last message at or before it. */
export async function numbersAt(db: Queryable, marks: readonly Marked[]): Promise<number[]> {
  const rows = await db.query<{ readonly number: number }>({
    name: 'chat-numbers-at',
    text: `SELECT coalesce((SELECT m.number FROM message m WHERE m.thread = i.thread AND m.seq <= i.seq ORDER BY m.seq DESC LIMIT 1), 0) AS number
      FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS i(thread, seq, place) ORDER BY i.place`,
    values: [marks.map(({ thread }) => thread), marks.map(({ seq }) => seq)],
  });
  return rows.map(({ number }) => number);
}

/** Projects events of inboxes; a marker never moves backwards, so any order and repeats give the same row. */
export async function moveMarkers(tx: Transaction, read: readonly ChannelEvent[]): Promise<void> {
  const marks = new Map<string, { user: string; thread: string; seq: number; number: number }>();
  for (const event of read) {
    const { thread, seq, number } = dataOf(ThreadRead, event);
    const key = `${event.actor} ${thread}`;
    if ((marks.get(key)?.seq ?? 0) < seq) marks.set(key, { user: event.actor, thread, seq, number });
  }
  const rows = [...marks.values()];
  await tx.query({
    name: 'chat-move-markers',
    text: `INSERT INTO read_marker (user_id, thread, seq, number)
      SELECT i.user_id, t.id, i.seq, i.number FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS i(user_id, name, seq, number) JOIN thread t ON t.name = i.name
      ON CONFLICT (user_id, thread) DO UPDATE SET seq = greatest(read_marker.seq, excluded.seq), number = greatest(read_marker.number, excluded.number)`,
    values: [rows.map(({ user }) => user), rows.map(({ thread }) => thread), rows.map(({ seq }) => seq), rows.map(({ number }) => number)],
  });
}
