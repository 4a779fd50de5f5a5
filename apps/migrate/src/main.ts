import { loadConfig, valuesOf } from '@veche/platform-config';
import { postgresConfig } from '@veche/platform-postgres';
import { newEpochs } from './new-epochs.ts';
import { schema } from './schema.ts';

const [verb, ...words] = process.argv.slice(2);
try {
  const config = valuesOf(loadConfig([postgresConfig]), postgresConfig);
  if (verb !== undefined && verb !== 'new-epochs') throw new Error(`there is no verb ${verb}: without one the schema is migrated; new-epochs is for the time after a restore`);
  console.log(verb === 'new-epochs' ? await newEpochs(config, words) : await schema(config));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
