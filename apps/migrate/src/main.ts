import { loadConfig, valuesOf } from '@veche/platform-config';
import { migrate, postgresConfig } from '@veche/platform-postgres';
import { migrations } from './migrations.ts';

try {
  const { PG_URL } = valuesOf(loadConfig([postgresConfig]), postgresConfig);
  const applied = await migrate(PG_URL, migrations);
  console.log(
    applied.length === 0 ? 'the schema is current, nothing to do' : `applied ${applied.length} migrations:\n${applied.map((name) => `  ${name}`).join('\n')}`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
