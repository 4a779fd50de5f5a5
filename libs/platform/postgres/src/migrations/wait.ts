/** Waits for what another process does to the schema. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { directUrl, type PostgresConfig } from '../postgres.config.ts';
import { type Migration, schemaDifference, writableUrl } from './migrations.ts';

const PAUSE_MS = 500;

/**
 * Resolves once the database has every migration of this release; one that has more is fine. Waits for ever: whoever started it knows how long.
 * @param tell is given what it waits for, whenever that changes
 * @returns for people: that it is there
 */
export async function waitForSchema(config: PostgresConfig, migrations: readonly Migration[], tell: (what: string) => void): Promise<string> {
  for (let told = ''; ;) {
    const awaited = await missing(directUrl(config), migrations).catch((error: unknown) => `the database does not answer: ${String(error)}`);
    if (awaited === '') return 'the schema has what this release needs';
    if (awaited !== told) tell(`waiting: ${awaited}`);
    told = awaited;
    await pause(PAUSE_MS);
  }
}

async function missing(url: string, migrations: readonly Migration[]): Promise<string> {
  const client = new Client({ connectionString: await writableUrl(url), connectionTimeoutMillis: 5000, query_timeout: 5000 });
  // A server that goes while nobody asks is told by the next question.
  client.on('error', () => {});
  await client.connect();
  try {
    const { missing: names } = await schemaDifference(async (text) => (await client.query<object>(text)).rows, migrations);
    return names.length === 0 ? '' : `the schema lacks ${names.join(', ')}`;
  } finally {
    await client.end();
  }
}
