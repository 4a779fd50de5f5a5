import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPEND, APPEND_IN_SLOT } from '../src/log/append.statement.ts';
import { PAGE_AFTER, PAGE_BEFORE, POSITION, POSITIONS } from '../src/log/read.statements.ts';
import { LOCK, STORED, STORED_IN_SLOT } from '../src/owner/channel.repository.ts';
import { type Ground, openGround } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround({ PG_STATEMENT_TIMEOUT_MS: 20_000, PG_QUERY_TIMEOUT_MS: 25_000 });
});
afterAll(() => ground.close());

const HOT = [APPEND, APPEND_IN_SLOT, LOCK, STORED, STORED_IN_SLOT, PAGE_AFTER, PAGE_BEFORE, POSITION, POSITIONS];

/** The plan that a prepared statement keeps, made now: under the settings of the owner's transaction, whatever the arguments are but for the slot. */
async function genericPlan(text: string): Promise<string> {
  const parameters = Math.max(...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  return ground.database.transaction(
    async (tx) => {
      await tx.query({ text: `PREPARE hot AS ${text}` });
      const rows = await tx.query<{ 'QUERY PLAN': string }>({
        text: `EXPLAIN (COSTS OFF) EXECUTE hot (${Array.from({ length: parameters }, (_, index) => (text.includes(`$${index + 1}::smallint `) ? '0' : 'NULL')).join(', ')})`,
      });
      await tx.query({ text: 'DEALLOCATE hot' });
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    },
    { planner: 'indexed' },
  );
}

const SCAN = /Seq Scan on (event|channel)/;
/** Every event is found by (slot, channel, …): an index scan without a condition on the channel reads a whole partition. */
const WHOLE_INDEX = /Index (Only )?Scan using \S+ on (event|channel)\S*( \w+)?\n(?!\s+Index Cond)/;

function expectIndexed(plan: string): void {
  expect(plan).not.toMatch(SCAN);
  expect(plan).not.toMatch(WHOLE_INDEX);
  expect(plan).not.toMatch(/Hash Join|Merge Join/);
}

/** What looks up a command. By the position instead, each append would read its channel from the first event on. */
const LOOK_UPS = [APPEND, APPEND_IN_SLOT, STORED, STORED_IN_SLOT];
const EVENT_SCAN = /Scan using \S+ on event_\d+.*\n\s+Index Cond: (.*)/g;

async function expectFoundByCommand(): Promise<void> {
  for (const { name, text } of LOOK_UPS) {
    const conditions = [...(await genericPlan(text)).matchAll(EVENT_SCAN)].map(([, condition]) => condition);
    expect(conditions.length, name).toBeGreaterThan(0);
    for (const condition of conditions) expect(condition, name).toContain('command_id');
  }
}

test('the plan test itself notices a scan', async () => {
  const plan = await ground.database.transaction((tx) =>
    tx.query<{ 'QUERY PLAN': string }>({ text: 'EXPLAIN (COSTS OFF) SELECT FROM event WHERE kind = $1', values: ['x'] }),
  );
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(SCAN);
  expect(await genericPlan('SELECT name FROM channel WHERE length(name) > $1 ORDER BY name')).toMatch(WHOLE_INDEX);
});

describe('on empty tables', () => {
  test.each(HOT)('$name uses indexes only', async ({ text }) => expectIndexed(await genericPlan(text)));
});

describe('on full, never analysed and on analysed tables', () => {
  beforeAll(async () => {
    await ground.database.query({ text: `INSERT INTO channel (slot, name, epoch) SELECT i % 256, 'thread:' || i, 'e' FROM generate_series(1, 2000) i` });
    await ground.database.query({
      text: `INSERT INTO event (slot, channel, seq, id, kind, actor, command_id, command, data)
        SELECT c.slot, c.id, s, gen_random_uuid(), 'k', 'a', c.id || '-' || s, 'c', '{}' FROM channel c, generate_series(1, 40) s`,
    });
  });
  test.each(HOT)('never analysed: $name uses indexes only', async ({ text }) => expectIndexed(await genericPlan(text)));
  test('analysed: all use indexes only', async () => {
    await ground.database.query({ text: 'ANALYZE' });
    for (const { text } of HOT) expectIndexed(await genericPlan(text));
  });
});

describe('a command is found by its own index', () => {
  const fill = (channels: number, events: number): Promise<unknown> =>
    ground.database.query({
      text: `INSERT INTO event (slot, channel, seq, id, kind, actor, command_id, command, data)
        SELECT c % 256, c, s, gen_random_uuid(), 'k', 'a', gen_random_uuid()::text, 'c', '{}' FROM generate_series(1, $1) c, generate_series(1, $2) s`,
      values: [channels, events],
    });
  const empty = (): Promise<unknown> => ground.database.query({ text: 'TRUNCATE event' });

  test.each([50, 150, 500, 2000])('in a young log, never analysed, of %i events in each of 48 channels', async (events) => {
    await empty();
    await fill(48, events);
    await expectFoundByCommand();
  });

  test('where nearly every channel has one event, and one has them all', async () => {
    await empty();
    await fill(100_000, 1);
    await ground.database.query({ text: 'ANALYZE event' });
    await expectFoundByCommand();
  });
});
