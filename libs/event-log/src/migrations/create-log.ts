import type { MigrationInterface, QueryRunner } from 'typeorm';

const PARTITIONS = 16;
const SLOTS_EACH = 256 / PARTITIONS;

/**
 * `channel` and `event`. Ranges of slots are partitions, so that one of them can be moved to another database. Few, because
 * a statement over mixed slots opens them all (0.07 ms for 16); 16, because a vacuum then has a sixteenth of the log before it.
 */
export class CreateLog1763800000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // fillfactor: every append updates its channel's row; room on the page keeps these updates off the indexes.
    await runner.query(`CREATE TABLE channel (
      slot smallint NOT NULL,
      id bigint GENERATED ALWAYS AS IDENTITY,
      name text COLLATE "C" NOT NULL,
      epoch text COLLATE "C" NOT NULL,
      last_seq bigint NOT NULL DEFAULT 0,
      first_seq bigint NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (slot, id),
      UNIQUE (name)
    ) WITH (fillfactor = 70)`);
    // What the trim walks over: threads and inboxes are never trimmed.
    await runner.query(`CREATE INDEX channel_trimmed ON channel (id) WHERE name NOT LIKE 'thread:%' AND name NOT LIKE 'user:%'`);
    // C collation: compared as bytes, and an index that a new libc cannot silently disorder.
    await runner.query(`CREATE TABLE event (
      slot smallint NOT NULL,
      channel bigint NOT NULL,
      seq bigint NOT NULL,
      id uuid NOT NULL,
      created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
      kind text COLLATE "C" NOT NULL,
      actor text COLLATE "C" NOT NULL,
      command_id text COLLATE "C" NOT NULL,
      command text COLLATE "C" NOT NULL,
      data json NOT NULL,
      meta json,
      CONSTRAINT event_position PRIMARY KEY (slot, channel, seq),
      CONSTRAINT event_command UNIQUE (slot, channel, actor, command_id)
    ) PARTITION BY RANGE (slot)`);
    for (let from = 0; from < 256; from += SLOTS_EACH) {
      const name = `event_${String(from).padStart(3, '0')}`;
      await runner.query(`CREATE TABLE ${name} PARTITION OF event FOR VALUES FROM (${from}) TO (${from + SLOTS_EACH})`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event, channel');
  }
}
