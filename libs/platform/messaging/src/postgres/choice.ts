import { Database, Listener } from '@veche/platform-postgres';
import type { FanoutChoice } from '../fanout-choice.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import { PostgresFanout } from './postgres-fanout.ts';

/** `BUS_FANOUT=postgres`: needs PostgresModule and nothing else. */
export const postgresFanout: FanoutChoice = {
  name: 'postgres',
  inject: [Database, Listener],
  make: (config: MessagingConfig, telemetry: MessagingTelemetry, database: Database, listener: Listener) =>
    new PostgresFanout(config, telemetry, database, listener),
};
