import { newEpochs } from '@veche/event-log';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { messagingConfig, rabbitmqConfig, switchQueues } from '@veche/platform-messaging';
import { migrateSchema, type PostgresConfig, postgresConfig } from '@veche/platform-postgres';
import { migrations } from './migrations.ts';

const postgres = (): PostgresConfig => valuesOf(loadConfig([postgresConfig]), postgresConfig);

const VERBS: Readonly<Record<string, (words: readonly string[]) => Promise<string>>> = {
  schema: () => migrateSchema(postgres(), migrations),
  'new-epochs': (words) => newEpochs(postgres(), words),
  queues: () => {
    const config = loadConfig([messagingConfig, rabbitmqConfig]);
    return switchQueues({ ...valuesOf(config, messagingConfig), ...valuesOf(config, rabbitmqConfig) });
  },
};

const [verb = 'schema', ...words] = process.argv.slice(2);
try {
  const run = VERBS[verb];
  if (!run) throw new Error(`there is no verb ${verb}, only ${Object.keys(VERBS).join(', ')}; without one it is schema`);
  console.log(await run(words));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
