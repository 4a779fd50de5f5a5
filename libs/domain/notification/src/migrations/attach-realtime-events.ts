import { realtimeTrigger } from '@veche/event-log';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where switched on, whoever listens to `realtime_events` hears which notice came or was read. */
export class AttachNoticeEvents1764600000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(realtimeTrigger({ name: 'notifications_realtime', table: 'notice', on: 'INSERT OR UPDATE', ids: ['user_id', 'seq'] }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER notifications_realtime ON notice');
  }
}
