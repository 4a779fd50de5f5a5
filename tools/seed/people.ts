/** Writes the people, all with one password. */
import { argon2Sync, randomBytes } from 'node:crypto';
import type { Database } from '@veche/platform-postgres';
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';

const CHUNK = 1000;
const COSTS = { memory: 19_456, passes: 2, parallelism: 1 };

/** Once for all: hashing takes 30 ms on purpose. */
function hashOf(password: string): string {
  const nonce = randomBytes(16);
  const hash = argon2Sync('argon2id', { ...COSTS, message: Buffer.from(password.normalize('NFKC')), nonce, tagLength: 32 });
  const [salt, key] = [nonce, hash].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=${COSTS.memory},t=${COSTS.passes},p=${COSTS.parallelism}$${salt}$${key}`;
}

/** As the search by name wants it. */
const folded = (name: string): string => name.normalize('NFKC').toLowerCase();

/** @returns how many were not there before */
export async function seedPeople(database: Database, plan: Plan, password: string, progress: Progress): Promise<number> {
  const hash = hashOf(password);
  let added = 0;
  for (let from = 0; from < plan.scale.users; from += CHUNK) {
    const people = Array.from({ length: Math.min(CHUNK, plan.scale.users - from) }, (_, i) => plan.person(from + i));
    const rows = await database.query({
      text: `INSERT INTO app_user (id, login, name, folded_name, password)
        SELECT id, login, name, folded, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS i(id, login, name, folded)
        ON CONFLICT DO NOTHING RETURNING id`,
      values: [people.map(({ id }) => id), people.map(({ login }) => login), people.map(({ name }) => name), people.map(({ name }) => folded(name)), hash],
    });
    added += rows.length;
    progress.add(people.length, rows.length === 0);
  }
  return added;
}
