/** Reads of the log. `data` and `meta` come as text: the bytes that were admitted are the bytes that are shown. */

const EVENT = `e.seq, e.id, e.kind, e.actor, e.command_id, date_part('epoch', e.created_at) AS seconds, e.data::text AS data, e.meta::text AS meta`;

/**
 * Channel and page in one statement, hence of one moment: a trim in between can never make a hole that is not told.
 * What the trim is still to hide is hidden already: a position is served or not, whenever the trim comes by.
 */
const page = (name: string, condition: string, order: 'ASC' | 'DESC') => ({
  name,
  text: `
SELECT c.epoch, c.first_seq, c.last_seq, p.*
FROM (SELECT id, name, epoch, greatest(first_seq, last_seq - $6::bigint + 1) AS first_seq, last_seq FROM channel) c LEFT JOIN LATERAL (
  SELECT * FROM (
    SELECT b.*, sum(octet_length(b.data) + coalesce(octet_length(b.meta), 0)) OVER (ORDER BY b.seq ${order}) AS bytes, row_number() OVER (ORDER BY b.seq ${order}) AS place
    FROM (
      SELECT ${EVENT} FROM event e
      WHERE e.slot = $2 AND e.channel = c.id AND e.seq >= c.first_seq AND ${condition}
        AND ($7::float8 IS NULL OR e.created_at >= now() - $7::float8 * interval '1 millisecond')
      ORDER BY e.seq ${order} LIMIT $4) b) s
  WHERE s.bytes <= $5 OR s.place = 1) p ON true
WHERE c.name = $1
ORDER BY p.seq`,
});

/** Parameters: name, slot, seq, limit, bytes, size and milliseconds that are kept (null: no bound). */
export const PAGE_AFTER = page('event-log.page-after', 'e.seq > $3', 'ASC');
export const PAGE_BEFORE = page('event-log.page-before', 'e.seq < $3', 'DESC');

/** The event columns are null when the page is empty. */
export interface PageRow extends EventRow {
  readonly epoch: string;
  readonly first_seq: number;
  readonly last_seq: number;
}

export interface EventRow {
  readonly seq: number | null;
  readonly id: string;
  readonly kind: string;
  readonly actor: string;
  readonly command_id: string;
  readonly seconds: number;
  readonly data: string;
  readonly meta: string | null;
}

/** Of many channels, those that do not stand where the caller believes. Parameters: names, epochs, seqs. */
export const POSITIONS = {
  name: 'event-log.positions',
  text: `
SELECT c.name AS channel, c.epoch, c.last_seq AS seq
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k(name, epoch, seq) JOIN channel c ON c.name = k.name
WHERE c.last_seq <> k.seq OR c.epoch <> k.epoch`,
} as const;

export const POSITION = { name: 'event-log.position', text: 'SELECT name AS channel, epoch, last_seq AS seq FROM channel WHERE name = $1' } as const;

/** Parameters: names above, names below, count. A walk along the index of names. */
export const HEADS = {
  name: 'event-log.heads',
  text: 'SELECT name AS channel, epoch, last_seq AS seq FROM channel WHERE name > $1 AND name < $2 ORDER BY name LIMIT $3',
} as const;

/** Parameters: slots, names in ascending order, epochs. */
export const CREATE = {
  name: 'event-log.create',
  text: `
INSERT INTO channel (slot, name, epoch)
SELECT t.slot, t.name, t.epoch FROM unnest($1::smallint[], $2::text[], $3::text[]) AS t(slot, name, epoch)
WHERE NOT EXISTS (SELECT FROM channel c WHERE c.name = t.name)
ORDER BY t.name
ON CONFLICT (name) DO NOTHING
RETURNING name`,
} as const;
