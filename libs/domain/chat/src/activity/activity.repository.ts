import { THREAD_ACTIVITY, type Signal, type ThreadActivity, userChannel } from '@veche/contracts';
import type { Queryable } from '@veche/platform-postgres';

interface Row {
  readonly name: string;
  readonly last_seq: number;
  readonly last_number: number;
  readonly users: readonly string[];
}

const AUDIENCES = `
SELECT t.name, t.last_seq, t.last_number, (SELECT array_agg(m.user_id) FROM member m WHERE m.thread = t.id) AS users
FROM thread t WHERE t.id = ANY($1::bigint[]) AND t.member_count BETWEEN 1 AND $2`;

/** One signal for each member of each thread that has at most `maxMembers` of them. */
export async function activitySignals(db: Pick<Queryable, 'query'>, threads: readonly string[], maxMembers: number): Promise<Signal[]> {
  const rows = await db.query<Row>({ name: 'chat-audiences', text: AUDIENCES, values: [threads, maxMembers] });
  return rows.flatMap(({ name, last_seq, last_number, users }) => {
    const activity: ThreadActivity = { thread: name, last_seq, last_number };
    const data = JSON.stringify(activity);
    return users.map((user) => ({ channel: userChannel(user), kind: THREAD_ACTIVITY, actor: '', data, meta: null }));
  });
}
