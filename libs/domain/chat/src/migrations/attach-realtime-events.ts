import { realtimeTrigger } from '@veche/event-log';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where switched on, whoever listens to `realtime_events` hears which message came, changed or went. */
export class AttachRealtimeEvents1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(realtimeTrigger({ name: 'posts_realtime', table: 'message', on: 'INSERT OR UPDATE OR DELETE', ids: ['id', 'thread', 'seq'] }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER posts_realtime ON message');
  }
}
