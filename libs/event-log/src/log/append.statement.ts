/** The one statement that gives a seq. */

/**
 * Parameters in this order, each an array with one element an event; `place` numbers the channels of the batch from 1, $11 is how many
 * there are.
 */
const append = (name: string, slot: string) => ({
  name,
  /**
   * Under the row lock of each channel: looks up what is there already, numbers the rest, writes both.
   * - LATERAL … LIMIT 1 and `channel + 0`, which only the index of commands has, keep the look-up on that index whatever the table's size
   *   was when the plan was made.
   * - No ON CONFLICT DO NOTHING: a concurrent duplicate would burn a seq and return no row. 23505 aborts, the caller tries again.
   * - A duplicate updates its channel too, by 0: the commit then waits for the standby like any other, and "ok" never rests on a
   *   row that only this server has.
   * - The bases come back as one array that rows index by `place`: with hash and merge joins off (see Database.transaction) a join of
   *   rows and channels is quadratic, it was a third of the statement at 200 rows.
   * - A channel without a row makes that array null, hence the seq: the insert then violates NOT NULL (23502), and nothing is written.
   */
  text: `
WITH input AS (
  SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::integer[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::json[], $10::json[])
    WITH ORDINALITY AS t(slot, channel, place, id, kind, actor, command_id, command, data, meta, ord)),
seen AS MATERIALIZED (
  SELECT i.*, o.* FROM input i LEFT JOIN LATERAL (
    SELECT e.seq AS old_seq, e.id AS old_id, e.kind AS old_kind, e.data AS old_data, e.meta AS old_meta, e.created_at AS old_created_at
    FROM event e WHERE e.slot = ${slot} AND e.channel + 0 = i.channel AND e.actor = i.actor AND e.command_id = i.command_id LIMIT 1) o ON true),
cnt AS (SELECT place, slot, channel, count(*) FILTER (WHERE old_seq IS NULL) AS n FROM seen GROUP BY 1, 2, 3),
alloc AS (
  UPDATE channel c SET last_seq = c.last_seq + cnt.n FROM cnt WHERE c.slot = cnt.slot AND c.id = cnt.channel
  RETURNING cnt.place, c.last_seq - cnt.n AS base),
bases AS MATERIALIZED (SELECT CASE WHEN count(*) = $11::integer THEN array_agg(base ORDER BY place) END AS base FROM alloc),
n AS MATERIALIZED (
  SELECT s.*, (SELECT base FROM bases)[s.place] + row_number() OVER (PARTITION BY s.place, s.old_seq IS NULL ORDER BY s.ord) AS new_seq FROM seen s),
ins AS (
  INSERT INTO event (slot, channel, seq, id, kind, actor, command_id, command, data, meta, created_at)
  SELECT slot, channel, new_seq, id, kind, actor, command_id, command, data, meta, statement_timestamp() FROM n WHERE old_seq IS NULL)
SELECT ord, coalesce(old_seq, new_seq) AS seq, date_part('epoch', coalesce(old_created_at, statement_timestamp())) AS seconds,
  old_id AS id, old_kind AS kind, old_data::text AS data, old_meta::text AS meta
FROM n`,
});

export const APPEND = append('event-log.append', 'i.slot');
/**
 * When all events are of one slot, $12: the other partitions are pruned before the statement starts. An idle send is such a batch:
 * opening 16 partitions instead of one cost it 0.07 of 0.34 ms.
 */
export const APPEND_IN_SLOT = append('event-log.append-in-slot', '$12::smallint');

/** `id` and what follows are null for a fresh event: it is what the caller sent. */
export interface AppendRow {
  /** 1, 2, 3 …: index into the parameters, plus one. */
  readonly ord: number;
  readonly seq: number;
  readonly seconds: number;
  readonly id: string | null;
  readonly kind: string | null;
  readonly data: string | null;
  readonly meta: string | null;
}
