import { newEpochs } from '@veche/event-log';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { migrateSchema, type PostgresConfig, postgresConfig } from '@veche/platform-postgres';
import { migrations } from './migrations.ts';

const VERBS: Readonly<Record<string, (config: PostgresConfig, words: readonly string[]) => Promise<string>>> = {
  schema: (config) => migrateSchema(config, migrations),
  'new-epochs': newEpochs,
};

const [verb = 'schema', ...words] = process.argv.slice(2);
try {
  const run = VERBS[verb];
  if (!run) throw new Error(`there is no verb ${verb}, only ${Object.keys(VERBS).join(', ')}; without one it is schema`);
  console.log(await run(valuesOf(loadConfig([postgresConfig]), postgresConfig), words));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
