import { newEpochs } from '@veche/event-log';
import { loadConfig, type Section, type Setting, valuesOf } from '@veche/platform-config';
import { messagingConfig, rabbitmqConfig, switchQueues } from '@veche/platform-messaging';
import { migrateSchema, postgresConfig, waitForSchema } from '@veche/platform-postgres';
import { migrations } from './migrations.ts';

const set = <T extends Record<string, Setting>>(section: Section<T>) => valuesOf(loadConfig([section]), section);
const VERBS: Readonly<Record<string, (words: readonly string[]) => Promise<string>>> = {
  schema: () => migrateSchema(set(postgresConfig), migrations),
  wait: () => waitForSchema(set(postgresConfig), migrations, console.log),
  'new-epochs': (words) => newEpochs(set(postgresConfig), words),
  queues: () => switchQueues({ ...set(messagingConfig), ...set(rabbitmqConfig) }),
};

const [verb = 'schema', ...words] = process.argv.slice(2);
const run = VERBS[verb] ?? (() => Promise.reject(new Error(`there is no verb ${verb}, only ${Object.keys(VERBS).join(', ')}; without one it is schema`)));
await run(words).then(console.log, (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
