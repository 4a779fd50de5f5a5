/** Reads what the rules of membership decide on. */
import type { CommandBatch } from '@veche/event-log';
import type { Queryable } from '@veche/platform-postgres';
import { roleOf, type Standing } from './membership.rules.ts';

/** Whose role in which thread a batch asks for. */
export interface Party {
  readonly thread: string;
  readonly user: string;
}

/** Threads that do not exist are absent. */
export type Standings = ReadonlyMap<string, Standing>;

const STANDINGS = `
SELECT i.thread, i.user_id, t.member_count AS members,
  (SELECT count(*) FROM member o WHERE o.thread = i.thread AND o.role = 0) AS owners,
  (SELECT m.role FROM member m WHERE m.thread = i.thread AND m.user_id = i.user_id) AS role
FROM unnest($1::bigint[], $2::text[]) AS i(thread, user_id)
JOIN thread t ON t.id = i.thread`;

interface StandingRow {
  readonly thread: number;
  readonly user_id: string;
  readonly members: number;
  readonly owners: number;
  readonly role: number | null;
}

export async function standings(db: Queryable, parties: readonly Party[]): Promise<Standings> {
  const rows = await db.query<StandingRow>({
    name: 'chat-standings',
    text: STANDINGS,
    values: [parties.map(({ thread }) => thread), parties.map(({ user }) => user)],
  });
  const threads = new Map<string, Standing>();
  for (const { thread, user_id, members, owners, role } of rows) {
    const standing = threads.get(String(thread)) ?? { members, owners, roles: new Map() };
    threads.set(String(thread), standing);
    const held = role === null ? undefined : roleOf(role);
    if (held) standing.roles.set(user_id, held);
  }
  return threads;
}

/** Of whoever gives the commands and whomever they name. */
export function standingsOf<D>({ commands, tx }: CommandBatch<D>, named: (data: D) => readonly string[] = () => []): Promise<Standings> {
  return standings(
    tx,
    commands.flatMap(({ channel, envelope }) => [envelope.actor, ...named(envelope.data)].map((user) => ({ thread: channel.id, user }))),
  );
}
