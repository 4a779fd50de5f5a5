import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { appendItems, type Ground, openGround, readAll } from './ground.ts';
import { Edit, edit, Loop, Say, say, saying } from './loop.ts';

let ground: Ground;
let loop: Loop;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());
beforeEach(() => {
  loop = new Loop(ground.database);
});

const texts = async (channel: string) => (await readAll(ground, channel)).map(({ data }) => (JSON.parse(data) as { text: string }).text);

describe('a batch', () => {
  test('is appended, published as stored, and answered in the order of its commands', async () => {
    const batch = [say('news:a', '1'), say('news:b', '1'), say('news:a', '2')];
    const replies = await loop.process(batch);
    expect(replies).toMatchObject([
      { ok: true, seq: 1 },
      { ok: true, seq: 1 },
      { ok: true, seq: 2 },
    ]);
    expect(loop.bus.published.map(({ channel, seq, command_id }) => [channel, seq, command_id])).toEqual([
      ['news:a', 1, batch[0]?.command_id],
      ['news:b', 1, batch[1]?.command_id],
      ['news:a', 2, batch[2]?.command_id],
    ]);
    const stored = await ground.log.read('news:a', { after: 0, limit: 10 });
    expect(loop.bus.published.filter(({ channel }) => channel === 'news:a').map((event) => ({ ...event, fresh: undefined }))).toEqual(
      stored?.events.map((event) => ({ ...event, fresh: undefined })),
    );
    expect(replies[0]).toMatchObject({ id: stored?.events[0]?.id, epoch: stored?.epoch, ts: stored?.events[0]?.ts });
  });

  test('goes through its rounds in order: a kind is decided on what the round before made true', async () => {
    const calls: string[] = [];
    for (const contract of [Say, Edit])
      loop.handle(contract, (batch) => {
        calls.push(batch.commands.map(({ envelope, channel }) => `${envelope.kind} ${envelope.data.text} on ${channel.last_seq}`).join(', '));
        return saying(batch);
      });
    await loop.process([say('news:r', 'a'), say('news:r', 'b'), edit('news:r', 'c'), say('news:q', 'x'), say('news:r', 'd')]);
    expect(calls).toEqual(['chat.say.v1 a on 0, chat.say.v1 b on 0, chat.say.v1 x on 0', 'chat.edit.v1 c on 2', 'chat.say.v1 d on 3']);
    expect(await texts('news:r')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('answers refusals, unchanged commands and unknown channels without touching the others', async () => {
    const replies = await loop.process([say('news:m', 'refuse'), say('news:m', 'kept'), say('news:m', 'same'), edit('news:nowhere', 'lost')]);
    expect(replies).toMatchObject([
      { ok: false, error: 'permission_denied', message: 'not you' },
      { ok: true, seq: 1 },
      { ok: true, id: null, seq: 0 },
      { ok: false, error: 'permission_denied' },
    ]);
    expect(await texts('news:m')).toEqual(['kept']);
  });

  test('leaves no channel behind that only refused commands named', async () => {
    await loop.process([say('news:refused', 'refuse'), say('news:unchanged', 'same'), say('news:made', 'hello')]);
    expect(await ground.log.position('news:refused')).toBeUndefined();
    expect(await ground.log.position('news:unchanged')).toBeUndefined();
    expect(await ground.log.position('news:made')).toMatchObject({ seq: 1 });
  });

  test('is judged before it is worked on: deadline, kind, channel, data', async () => {
    const replies = await loop.process([
      say('news:j', 'late', { deadline: Date.now() - 1 }),
      say('news:j', 'x', { kind: 'chat.unheard-of.v1' }),
      say('no spaces', 'x'),
      say('news:j', 'x'.repeat(101)),
      say('news:j', 'a new field of a newer door', { data: { text: 'fine', colour: 'red' } }),
    ]);
    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.error))).toEqual(['outcome_unknown', 'method_not_found', 'bad_request', 'bad_request', 'ok']);
    expect(replies[3]).toMatchObject({ message: expect.stringContaining('text: ') as string });
    expect(await texts('news:j')).toEqual(['fine']);
  });
});

describe('projections and signals', () => {
  test('a projection is written with its events or not at all', async () => {
    await ground.database.query({ text: 'CREATE TABLE seen (seq bigint, text text)' });
    const projecting = (fail: boolean) =>
      loop.handle(Say, async (batch) => ({
        ...(await saying(batch)),
        project: async (events) => {
          for (const { seq, data } of events)
            await batch.tx.query({ text: 'INSERT INTO seen VALUES ($1, $2)', values: [seq, (JSON.parse(data) as { text: string }).text] });
          if (fail) throw new Error('projection is broken');
        },
      }));
    projecting(false);
    await loop.process([say('news:p', 'one'), say('news:p', 'refuse'), say('news:p', 'two')]);
    projecting(true);
    expect(await loop.process([say('news:p', 'three')])).toMatchObject([{ ok: false, error: 'internal' }]);
    expect(await ground.database.query({ text: 'SELECT seq, text FROM seen ORDER BY seq' })).toEqual([
      { seq: 1, text: 'one' },
      { seq: 2, text: 'two' },
    ]);
    expect(await texts('news:p')).toEqual(['one', 'two']);
  });

  test('signals leave after the events, and one that cannot be made undoes nothing', async () => {
    const signal = { channel: 'news:s', kind: 'chat.hint.v1', actor: 'alice', data: '{}', meta: null };
    loop.handle(Say, async (batch) => ({ ...(await saying(batch)), signals: (events) => (events.length > 1 ? [signal] : fails()) }));
    const fails = (): never => {
      throw new Error('no signal');
    };
    expect(await loop.process([say('news:s', '1')])).toMatchObject([{ ok: true, seq: 1 }]);
    expect(loop.bus.signals).toEqual([]);
    await loop.process([say('news:s', '2'), say('news:s', '3')]);
    expect(loop.bus.signals).toEqual([signal]);
  });
});

describe('repeats', () => {
  test('a command that comes again is answered from the log without its handler, and its stored event goes out again', async () => {
    const command = say('news:again', 'first');
    const [first] = await loop.process([command]);
    loop.handle(Say, () => Promise.reject(new Error('the handler must not be asked')));
    const [again] = await loop.process([{ ...command, data: { text: 'another body' } }]);
    expect(again).toEqual(first);
    expect(loop.bus.published.map(({ seq, data }) => [seq, data])).toEqual([
      [1, JSON.stringify({ text: 'first', seen: 0 })],
      [1, JSON.stringify({ text: 'first', seen: 0 })],
    ]);
  });

  test('a command that stands twice in a batch is decided once', async () => {
    const command = say('news:twice', 'once');
    const refused = say('news:twice', 'refuse');
    const replies = await loop.process([command, refused, command, refused]);
    expect(replies[2]).toEqual(replies[0]);
    expect(replies[3]).toEqual(replies[1]);
    expect(await texts('news:twice')).toEqual(['once']);
  });

  test('a command_id used for another kind is a conflict, in a later batch and in the same', async () => {
    const command = say('news:conflict', 'one');
    const other = edit('news:conflict', 'two', { command_id: command.command_id });
    expect((await loop.process([command, other]))[1]).toMatchObject({ ok: false, error: 'conflict' });
    expect((await loop.process([other]))[0]).toMatchObject({ ok: false, error: 'conflict' });
    expect(await texts('news:conflict')).toEqual(['one']);
  });

  test('a newer version of the same command is the same command', async () => {
    const command = say('news:version', 'one');
    const [first] = await loop.process([command]);
    loop.handlers.set('chat.say.v2', loop.handlers.get(Say.kind) as never);
    expect((await loop.process([{ ...command, kind: 'chat.say.v2' }]))[0]).toEqual(first);
  });
});

describe('poison', () => {
  test('a command whose handler throws is refused alone, the rest of its batch is applied', async () => {
    const replies = await loop.process([say('news:x', '1'), say('news:x', 'throw'), say('news:x', '2'), say('news:x', 'not json'), say('news:x', '3')]);
    expect(replies.map((reply) => (reply.ok ? reply.seq : reply.error))).toEqual([1, 'internal', 2, 'internal', 3]);
    expect(await texts('news:x')).toEqual(['1', '2', '3']);
    expect(loop.bus.published.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test('from the fourth delivery on commands are handled one by one', async () => {
    const sizes: number[] = [];
    loop.handle(Say, (batch) => {
      sizes.push(batch.commands.length);
      return saying(batch);
    });
    await loop.process([say('news:4', '1'), say('news:4', '2')], 3);
    await loop.process([say('news:4', '3'), say('news:4', '4')], 4);
    expect(sizes).toEqual([2, 1, 1]);
  });

  test('a handler that decides for fewer commands than it was given is poison, not silence', async () => {
    loop.handle(Say, async () => ({ decisions: [] }));
    expect(await loop.process([say('news:few', '1')])).toMatchObject([{ ok: false, error: 'internal' }]);
  });

  test('a projection that always meets a unique key is refused in the end and does not block the batch', async () => {
    await ground.database.query({ text: 'CREATE TABLE single (one int PRIMARY KEY)' });
    loop.handle(Say, async (batch) => ({
      ...(await saying(batch)),
      project: async (events) => {
        if (events.some(({ data }) => data.includes('collide'))) await batch.tx.query({ text: 'INSERT INTO single VALUES (1), (1)' });
      },
    }));
    const replies = await loop.process([say('news:k', 'fine'), say('news:k', 'collide')]);
    expect(replies.map((reply) => (reply.ok ? reply.seq : reply.error))).toEqual([1, 'unavailable']);
  });
});

test('events are counted once by kind and namespace, however often they are delivered', async () => {
  const command = say('news:count', 'x');
  await loop.process([command, say('news:count', 'refuse')]);
  await loop.process([command]);
  expect((await loop.metrics.render()).body).toContain('veche_messages_sent_total{type="chat.said.v1",channel="news"} 1');
});

test('events that others appended are left alone', async () => {
  await appendItems(ground, [{ channel: 'news:other', id: 'same', actor: 'bob', command: 'chat.say' }]);
  expect(await loop.process([say('news:other', 'mine', { command_id: 'same' })])).toMatchObject([{ ok: true, seq: 2 }]);
});
