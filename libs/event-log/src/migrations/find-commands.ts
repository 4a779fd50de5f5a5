import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Uniqueness of commands over `channel + 0` instead of `channel`. With plain columns both indexes of an event begin with its channel, and where the
 * planner expects few events of one (a young log, or many channels with one event each), the smaller one, of positions, costs the same or
 * less: a command was then looked for in its whole channel, from the first event on (50 µs more a message after a minute of load). As an
 * expression the channel is in one index only.
 */
export class FindCommands1763800000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE UNIQUE INDEX event_command_once ON event (slot, (channel + 0), actor, command_id)');
    await runner.query('ALTER TABLE event DROP CONSTRAINT event_command');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE event ADD CONSTRAINT event_command UNIQUE (slot, channel, actor, command_id)');
    await runner.query('DROP INDEX event_command_once');
  }
}
