/** What people want of notices: kinds that are off, threads that are muted. */
import type { Queryable } from '@veche/platform-postgres';

export interface KindsOff {
  readonly kindsOff: readonly string[];
}

/** One row for each user, in order. */
export const kindsOff = (db: Queryable, users: readonly string[]): Promise<readonly KindsOff[]> =>
  db.query<KindsOff>({
    name: 'notice-kinds-off',
    text: `SELECT coalesce((SELECT b.kinds_off FROM notice_inbox b WHERE b.user_id = i.user_id), '{}') AS "kindsOff"
      FROM unnest($1::text[]) WITH ORDINALITY AS i(user_id, place) ORDER BY i.place`,
    values: [users],
  });

export interface Muted {
  readonly muted: boolean;
  /** Threads that the user has muted. */
  readonly mutes: number;
}

/** One row for each pair, in order. */
export const mutes = (db: Queryable, asked: readonly { readonly user: string; readonly thread: string }[]): Promise<readonly Muted[]> =>
  db.query<Muted>({
    name: 'notice-mutes',
    text: `SELECT (SELECT true FROM notice_mute m WHERE m.user_id = i.user_id AND m.thread = i.thread) IS NOT NULL AS muted,
        (SELECT count(*) FROM notice_mute m WHERE m.user_id = i.user_id) AS mutes
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i(user_id, thread, place) ORDER BY i.place`,
    values: [asked.map(({ user }) => user), asked.map(({ thread }) => thread)],
  });

/** In name order. */
export async function mutedThreads(db: Pick<Queryable, 'query'>, user: string): Promise<readonly string[]> {
  const rows = await db.query<{ readonly thread: string }>({
    name: 'notice-muted-threads',
    text: 'SELECT thread FROM notice_mute WHERE user_id = $1 ORDER BY thread',
    values: [user],
  });
  return rows.map(({ thread }) => thread);
}
