/** What can be done, by the first word of the command line. Each answers with a sentence for people. */
import { newEpochs } from '@veche/event-log';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { messagingConfig, rabbitmqConfig, switchQueues } from '@veche/platform-messaging';
import { migrateSchema, type PostgresConfig, postgresConfig } from '@veche/platform-postgres';
import { migrations } from './migrations.ts';

const postgres = (): PostgresConfig => valuesOf(loadConfig([postgresConfig]), postgresConfig);

export const VERBS: Readonly<Record<string, (words: readonly string[]) => Promise<string>>> = {
  schema: () => migrateSchema(postgres(), migrations),
  'new-epochs': (words) => newEpochs(postgres(), words),
  queues: () => {
    const config = loadConfig([messagingConfig, rabbitmqConfig]);
    return switchQueues({ ...valuesOf(config, messagingConfig), ...valuesOf(config, rabbitmqConfig) });
  },
};
