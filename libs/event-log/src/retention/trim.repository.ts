/** SQL of the trim. */
import type { Database } from '@veche/platform-postgres';
import type { KeptHistory } from './retention.ts';
import { firstBySize } from './trim.rules.ts';

/** No younger row loses its idempotency key: a command may be sent again for this long, and must not be applied twice. */
export const KEY_LIFE_MS = 24 * 3600 * 1000;

const CANDIDATES = {
  name: 'event-log.trim-candidates',
  text: `SELECT id, name FROM channel WHERE id > $1 AND name NOT LIKE 'thread:%' AND name NOT LIKE 'user:%' ORDER BY id LIMIT $2`,
} as const;

const LOCK = { name: 'event-log.trim-lock', text: 'SELECT slot, id, first_seq, last_seq FROM channel WHERE name = $1 FOR NO KEY UPDATE' } as const;

/** The seq behind the last of the next `$5` events that are older than `$4` milliseconds. */
const FIRST_BY_AGE = {
  name: 'event-log.trim-first-by-age',
  text: `
SELECT coalesce(max(seq) FILTER (WHERE created_at < now() - $4 * interval '1 millisecond') + 1, $3) AS seq
FROM (SELECT seq, created_at FROM event WHERE slot = $1 AND channel = $2 AND seq >= $3 ORDER BY seq LIMIT $5) oldest`,
} as const;

const MOVE = { name: 'event-log.trim-move', text: 'UPDATE channel SET first_seq = $3 WHERE slot = $1 AND id = $2' } as const;

const REMOVE = {
  name: 'event-log.trim-remove',
  text: `
DELETE FROM event WHERE slot = $1 AND channel = $2 AND seq < $3 AND created_at < now() - $4 * interval '1 millisecond'
  AND seq = ANY (ARRAY(SELECT seq FROM event WHERE slot = $1 AND channel = $2 AND seq < $3 ORDER BY seq LIMIT $5))
RETURNING seq`,
} as const;

export interface Candidate {
  readonly id: number;
  readonly name: string;
}

export const candidates = (database: Database, after: number, limit: number): Promise<readonly Candidate[]> =>
  database.query<Candidate>({ ...CANDIDATES, values: [after, limit] });

interface HeldRow {
  readonly slot: number;
  readonly id: number;
  readonly first_seq: number;
  readonly last_seq: number;
}

/**
 * Hides what is beyond size or ttl by moving `first_seq`, and removes what is hidden and old enough, in one transaction: a reader
 * sees both or neither, so an event is never missing without `first_seq` saying so.
 * @returns events removed, at most `limit`.
 */
export function trimChannel(database: Database, name: string, kept: KeptHistory, limit: number, keyLifeMs: number = KEY_LIFE_MS): Promise<number> {
  return database.transaction(
    async (tx) => {
      const [held] = await tx.query<HeldRow>({ ...LOCK, values: [name] });
      if (!held) return 0;
      const where = [held.slot, held.id] as const;
      const bySize = firstBySize(held, kept);
      const [byAge] = kept.ttl_ms === undefined ? [] : await tx.query<{ seq: number }>({ ...FIRST_BY_AGE, values: [...where, bySize, kept.ttl_ms, limit] });
      const first = byAge?.seq ?? bySize;
      if (first > held.first_seq) await tx.query({ ...MOVE, values: [...where, first] });
      const removed = first > 1 ? await tx.query({ ...REMOVE, values: [...where, first, keyLifeMs, limit] }) : [];
      return removed.length;
    },
    { planner: 'indexed' },
  );
}
