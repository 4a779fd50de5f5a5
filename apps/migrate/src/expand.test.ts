import { contractionsOf } from '@veche/platform-postgres';
import { expect, test } from 'vitest';
import { migrations } from './migrations.ts';

/** `<migration>: <what it does>`, with the release since which nothing uses the old form. */
const ALLOWED: readonly string[] = [];

test('no migration breaks the release before it, which runs beside the new one during a rollout', async () => {
  const found: string[] = [];
  for (const migration of migrations) {
    const query = async (statement: string): Promise<unknown[]> => {
      found.push(...contractionsOf(statement).map((what) => `${migration.name}: ${what}`));
      return [];
    };
    await new migration().up({ query } as unknown as Parameters<InstanceType<typeof migration>['up']>[0]);
  }
  expect(found.filter((each) => !ALLOWED.includes(each))).toEqual([]);
});
