import type { Retention } from '@veche/event-log';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { eventually } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventLogTelemetry } from '../src/event-log.telemetry.ts';
import { Trim } from '../src/retention/trim.ts';
import { appendItems, type Ground, openGround, upTo } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
  for (const channel of ['news:a', 'news:b', 'notes:a', 'thread:a', 'user:a', 'plain'])
    await appendItems(
      ground,
      upTo(5).map((i) => ({ channel, id: `${i}` })),
    );
});
afterAll(() => ground.close());

const asked: string[] = [];
const retention: Retention = {
  of: (channel) => {
    asked.push(channel);
    return channel.startsWith('news:') ? { size: 2 } : undefined;
  },
};
const trimming = (interval: number) =>
  new Trim(
    ground.database,
    { EVENT_LOG_TRIM_INTERVAL_MS: interval, EVENT_LOG_TRIM_BATCH: 2 },
    new EventLogTelemetry(new Metrics(), Logger.silent()),
    retention,
  );
const firsts = async () =>
  Object.fromEntries(
    (await ground.database.query<{ name: string; first_seq: number }>({ text: 'SELECT name, first_seq FROM channel' })).map(({ name, first_seq }) => [
      name,
      first_seq,
    ]),
  );

test('a pass trims what its namespace says, page by page, and never looks at threads and inboxes', async () => {
  await trimming(60_000).pass();
  expect(await firsts()).toEqual({ 'news:a': 4, 'news:b': 4, 'notes:a': 1, 'thread:a': 1, 'user:a': 1, plain: 1 });
  expect(asked.toSorted()).toEqual(['news:a', 'news:b', 'notes:a', 'plain']);
});

test('it runs in the background until it is stopped, and stops twice or before it began', async () => {
  const trim = trimming(5);
  trim.onApplicationBootstrap();
  await appendItems(ground, [{ channel: 'news:a', id: 'next' }]);
  await eventually(async () => (await firsts())['news:a'] === 5);
  await trim.onModuleDestroy();
  await trim.onModuleDestroy();
  await trimming(5).onModuleDestroy();
});
