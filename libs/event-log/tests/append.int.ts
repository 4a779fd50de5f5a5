import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendItems, channelsOf, type Ground, openGround, readAll, toEvents, upTo } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

test('a batch of mixed channels is numbered 1, 2, 3 … in each, in the order given', async () => {
  const channels = ['thread:a', 'thread:b', 'news:c'];
  const items = Array.from({ length: 60 }, (_, i) => ({ channel: channels[i % 3] as string, id: `m${i}` }));
  const appended = await appendItems(ground, items);
  expect(appended.map(({ channel, command_id, fresh }) => [channel, command_id, fresh])).toEqual(items.map(({ channel, id }) => [channel, id, true]));
  for (const channel of channels) {
    const log = await readAll(ground, channel);
    expect(log.map(({ seq }) => seq)).toEqual(upTo(20));
    expect(log.map(({ command_id }) => command_id)).toEqual(items.filter((item) => item.channel === channel).map(({ id }) => id));
  }
});

test('a repeat is answered with the event it already has, never with the body that was sent again', async () => {
  const [first] = await appendItems(ground, [{ channel: 'thread:again', id: 'x', data: '{"text":"first"}', meta: '{"info":1}' }]);
  const answers = await appendItems(ground, [
    { channel: 'thread:again', id: 'y' },
    { channel: 'thread:again', id: 'x', data: '{"text":"second"}' },
    { channel: 'thread:again', id: 'y', data: '{"text":"in the same batch"}' },
  ]);
  expect(answers[1]).toEqual({ ...first, fresh: false });
  expect(answers.map(({ seq, fresh }) => [seq, fresh])).toEqual([
    [2, true],
    [1, false],
    [2, false],
  ]);
  expect(answers[2]?.data).toBe(JSON.stringify({ text: 'y' }));
  expect((await readAll(ground, 'thread:again')).map(({ seq, data }) => [seq, data])).toEqual([
    [1, '{"text":"first"}'],
    [2, '{"text":"y"}'],
  ]);
});

test('the same command_id of two actors is two commands', async () => {
  const answers = await appendItems(ground, [
    { channel: 'thread:two', id: 'x', actor: 'alice' },
    { channel: 'thread:two', id: 'x', actor: 'bob' },
  ]);
  expect(answers.map(({ seq, fresh }) => [seq, fresh])).toEqual([
    [1, true],
    [2, true],
  ]);
});

test.each([
  ['numbers keep their digits', '{"n":1.10,"big":123456789012345678901234567890,"e":1E+2}'],
  ['white space and key order stay', '{ "b" : 1,\t"a" : [ ] , "b" : 2 }'],
  ['escapes stay escapes', String.raw`{"nul":"\u0000","lone":"\ud800","slash":"\/","quote":"\"","back":"\\"}`],
  ['every script', '{"text":"Здравствуйте, 世界, مرحبا, 👩🏽‍🚀"}'],
  ['a bare scalar', 'null'],
  ['an empty string', '""'],
  ['64 KiB', JSON.stringify({ text: 'x'.repeat(65_000) })],
])('data is kept byte for byte: %s', async (name, data) => {
  const meta = '{"tags":{"a":"1"}}';
  const [appended] = await appendItems(ground, [{ channel: 'thread:bytes', id: name.replaceAll(' ', '-'), data, meta }]);
  const page = await ground.log.read('thread:bytes', { after: (appended?.seq ?? 0) - 1, limit: 1 });
  expect(page?.events[0]).toEqual(expect.objectContaining({ data, meta, id: appended?.id, ts: appended?.ts }));
});

test('ids are UUIDv7 and rise with the seq', async () => {
  const items = Array.from({ length: 200 }, (_, i) => ({ channel: 'thread:ids', id: `${i}` }));
  const ids = (await appendItems(ground, items)).map(({ id }) => id);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
});

test('a channel that is gone takes nothing, and neither does the rest of its batch', async () => {
  await appendItems(ground, [
    { channel: 'news:gone', id: '1' },
    { channel: 'news:stays', id: '1' },
  ]);
  const channels = await channelsOf(ground, ['news:gone', 'news:stays']);
  await ground.database.query({ text: "DELETE FROM channel WHERE name = 'news:gone'" });
  const batch = toEvents(
    [
      { channel: 'news:stays', id: '2' },
      { channel: 'news:gone', id: '2' },
    ],
    channels,
  );
  await expect(ground.database.transaction((tx) => ground.log.append(tx, batch))).rejects.toMatchObject({ error: 'unknown_channel' });
  expect(await ground.log.position('news:stays')).toMatchObject({ seq: 1 });
});

test('a batch of nothing but repeats still writes, so that its commit waits for the standby', async () => {
  const items = [{ channel: 'thread:wait', id: '1' }];
  await appendItems(ground, items);
  const channels = await channelsOf(ground, ['thread:wait']);
  const written = await ground.database.transaction(async (tx) => {
    await ground.log.append(tx, toEvents(items, channels));
    return tx.query<{ xid: string | null }>({ text: 'SELECT pg_current_xact_id_if_assigned()::text AS xid' });
  });
  expect(written[0]?.xid).not.toBeNull();
});
