import { directUrl, type PostgresConfig } from '../postgres.config.ts';
import { type Migration, migrate } from './migrations.ts';

/** Brings the schema to where this release wants it, past any pooler. @returns for people: what was done */
export async function migrateSchema(config: PostgresConfig, migrations: readonly Migration[]): Promise<string> {
  const applied = await migrate(directUrl(config), migrations);
  if (applied.length === 0) return 'the schema is current, nothing to do';
  return `applied ${applied.length} migrations:\n${applied.map((name) => `  ${name}`).join('\n')}`;
}
