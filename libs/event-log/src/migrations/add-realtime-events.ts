import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `notify_realtime_event`: a trigger that tells whoever listens to `realtime_events`, inside the database or beside it, that a row changed:
 * `{action, table, data}`, where data holds the columns that the trigger names. Ids only: a notification takes less than 8,000 bytes, and
 * one that is larger fails the transaction that it tells of.
 */
export class AddRealtimeEvents1763800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Of a deleted row only OLD is there.
    await runner.query(`CREATE FUNCTION notify_realtime_event() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        changed jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
      BEGIN
        PERFORM pg_notify('realtime_events', json_build_object('action', TG_OP, 'table', TG_TABLE_NAME,
          'data', (SELECT json_object_agg(name, changed -> name) FROM unnest(TG_ARGV) AS name))::text);
        RETURN NULL;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION notify_realtime_event()');
  }
}

export interface RealtimeTrigger {
  readonly name: string;
  readonly table: string;
  /** `INSERT OR UPDATE OR DELETE`, or fewer. */
  readonly on: string;
  /** Columns that say which row it was. */
  readonly ids: readonly string[];
}

/**
 * The statement that makes a table tell of its rows while `veche.realtime_events` is `on` (`ALTER DATABASE … SET veche.realtime_events = on`).
 * Otherwise it costs the test of a setting a row. Switched on, transactions that change such rows commit one by one, see docs/adr/0047.
 */
export const realtimeTrigger = ({ name, table, on, ids }: RealtimeTrigger): string =>
  `CREATE TRIGGER ${name} AFTER ${on} ON ${table} FOR EACH ROW WHEN (current_setting('veche.realtime_events', true) = 'on')
    EXECUTE FUNCTION notify_realtime_event(${ids.map((id) => `'${id}'`).join(', ')})`;
