import { directUrl, migrate, type PostgresConfig } from '@veche/platform-postgres';
import { migrations } from './migrations.ts';

/** Brings the schema to where this release wants it; for people: what was done. */
export async function schema(config: PostgresConfig): Promise<string> {
  const applied = await migrate(directUrl(config), migrations);
  if (applied.length === 0) return 'the schema is current, nothing to do';
  return `applied ${applied.length} migrations:\n${applied.map((name) => `  ${name}`).join('\n')}`;
}
