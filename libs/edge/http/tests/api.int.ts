import { refusal } from '@veche/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KEY, openWorld, type World } from './app.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.server.close());

const call = (path: string, payload: string | object, headers: Record<string, string> = { 'x-api-key': KEY }) =>
  world.server.inject({ method: 'POST', url: `/api${path}`, payload: typeof payload === 'string' ? payload : JSON.stringify(payload), headers });
const control = (): unknown => world.controls.at(-1);

describe('the key', () => {
  test('may come in either header, and no media type is asked for', async () => {
    const statuses = [
      await call('/info', '{}'),
      await call('/info', '{}', { authorization: `apikey ${KEY}` }),
      await call('/info', '{}', { 'x-api-key': KEY, 'content-type': 'application/x-www-form-urlencoded' }),
    ];
    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  });

  test.each([[{}], [{ 'x-api-key': 'wrong' }], [{ authorization: `Bearer ${KEY}` }], [{ 'x-api-key': '' }]])(
    '%j is 401 and nothing is done',
    async (headers) => {
      const answer = await call('/publish', { channel: 'news:a', data: 1 }, headers);
      expect([answer.statusCode, world.commands]).toEqual([401, []]);
    },
  );

  test('is not taken from the address', async () => {
    expect((await world.server.inject({ method: 'POST', url: `/api/info?api_key=${KEY}`, payload: '{}' })).statusCode).toBe(401);
  });
});

describe('publish', () => {
  test('to a channel with history appends the bytes as they were written, and answers the position', async () => {
    const answer = await call('/publish', '{"channel":"news:a", "data": {"b":1.50, "a":12345678901234567890} ,"idempotency_key":"k1","tags":{"t":"1"}}');
    expect(answer.json()).toEqual({ result: { offset: 7, epoch: 'e1' } });
    expect(world.commands[0]).toMatchObject({
      kind: 'channel.publish.v1',
      channel: 'news:a',
      actor: 'api:billing',
      command_id: 'k1',
      meta: '{"tags":{"t":"1"}}',
      data: { json: '{"b":1.50, "a":12345678901234567890}', caps: [], subscribed: false },
    });
  });

  test('a key that is no command id is known by its hash, always the same', async () => {
    await call('/publish', { channel: 'news:a', data: 1, idempotency_key: 'a key with spaces '.repeat(9) });
    await call('/publish', { channel: 'news:a', data: 1, idempotency_key: 'a key with spaces '.repeat(9) });
    const [first, second] = world.commands.map(({ command_id }) => command_id);
    expect(first).toMatch(/^sha256:[\w-]{43}$/);
    expect(second).toBe(first);
  });

  test.each([['live:a'], ['thread:1'], ['user:anna']])('to %s is a signal', async (channel) => {
    expect((await call('/publish', { channel, data: { n: 1 } })).json()).toEqual({ result: {} });
    expect(world.signals).toEqual([{ channel, kind: 'channel.published-signal.v1', actor: 'api:billing', data: '{"n":1}', meta: null }]);
    expect(world.commands).toEqual([]);
  });

  test('skip_history makes a signal of it', async () => {
    await call('/publish', { channel: 'news:a', data: 1, skip_history: true });
    expect([world.commands.length, world.signals.length]).toEqual([0, 1]);
  });

  test('b64data is JSON text in base64', async () => {
    await call('/publish', { channel: 'news:a', b64data: Buffer.from('{"x": 1}').toString('base64') });
    expect(world.commands[0]?.data).toMatchObject({ json: '{"x": 1}' });
    expect((await call('/publish', { channel: 'news:a', b64data: Buffer.from([0xff, 0x00]).toString('base64') })).json().error.code).toBe(107);
  });

  test.each([
    ['no channel', { data: 1 }, 107],
    ['no data', { channel: 'news:a' }, 107],
    ['an unknown namespace', { channel: 'nowhere:a', data: 1 }, 102],
    ['no name of a channel', { channel: 'two words', data: 1 }, 102],
    ['a version', { channel: 'news:a', data: 1, version: 2 }, 108],
  ])('%s is an error in an answer of 200', async (_what, payload, code) => {
    const answer = await call('/publish', payload);
    expect([answer.statusCode, answer.json().error.code]).toEqual([200, code]);
    expect(world.commands).toEqual([]);
  });

  test('a refusal of the owner is an error', async () => {
    world.reply = refusal('unavailable', 'the queue is full');
    expect((await call('/publish', { channel: 'news:a', data: 1 })).json()).toEqual({ error: { code: 503, message: 'the queue is full' } });
  });

  test('null is data', async () => {
    await call('/publish', '{"channel":"news:a","data":null}');
    expect(world.commands[0]?.data).toMatchObject({ json: 'null' });
  });
});

describe('broadcast', () => {
  test('answers for each channel by itself', async () => {
    const { responses } = (await call('/broadcast', { channels: ['news:a', 'nowhere:b', 'live:c', ''], data: 1 })).json().result;
    expect(responses).toEqual([
      { result: { offset: 7, epoch: 'e1' } },
      { error: { code: 102, message: 'no such channel' } },
      { result: {} },
      { error: { code: 107, message: 'channel is missing' } },
    ]);
  });

  test('to no channel is an error', async () => {
    expect((await call('/broadcast', { data: 1 })).json().error.code).toBe(107);
  });
});

describe('live sessions', () => {
  test('disconnect tells every gateway, with the code that keeps a client away', async () => {
    expect((await call('/disconnect', { user: 'u1', client: 'c1', whitelist: ['c2'] })).json()).toEqual({ result: {} });
    expect(control()).toEqual({ do: 'disconnect', user: 'u1', client: 'c1', code: 3503, reason: 'force disconnect', whitelist: ['c2'] });
  });

  test('subscribe and unsubscribe name the channel', async () => {
    await call('/subscribe', { user: 'u1', channel: 'news:a', session: 's' });
    expect(control()).toEqual({ do: 'subscribe', user: 'u1', channel: 'news:a', session: 's' });
    const said = { info: { a: 1 }, data: [2], override: { join_leave: { value: true }, presence: {} } };
    await call('/subscribe', { user: 'u1', channel: 'news:a', ...said });
    expect(control()).toMatchObject({ info: { a: 1 }, data: [2], override: { join_leave: true, presence: false } });
    await call('/subscribe', { user: 'u1', channel: 'news:a', b64info: btoa('{"b":1}') });
    expect(control()).toMatchObject({ info: { b: 1 } });
    await call('/unsubscribe', { user: 'u1', channel: 'news:a' });
    expect(control()).toEqual({ do: 'unsubscribe', user: 'u1', channel: 'news:a' });
  });

  test('subscribe may begin at a position and end at a time', async () => {
    await call('/subscribe', { user: 'u1', channel: 'news:a', recover_since: { offset: 4, epoch: 'e' }, expire_at: 9_999_999_999 });
    expect(control()).toMatchObject({ recover_since: { epoch: 'e', seq: 4 }, expires_at: 9_999_999_999_000 });
    expect((await call('/subscribe', { user: 'u1', channel: 'news:a', expire_at: 5 })).json().error.code).toBe(110);
  });

  test('nothing is called done that a process has not confirmed', async () => {
    world.complete = false;
    expect((await call('/disconnect', { user: 'u1' })).json().error.code).toBe(504);
  });

  test('refresh with expired ends the session with 3005', async () => {
    await call('/refresh', { user: 'u1', expired: true });
    expect(control()).toMatchObject({ do: 'disconnect', user: 'u1', code: 3005 });
  });

  test.each([
    ['/disconnect', {}, 107],
    ['/disconnect', { user: 'u', disconnect: { code: 1000, reason: 'x' } }, 107],
    ['/disconnect', { user: 'u', disconnect: { code: 4000, reason: '{"reconnect":true}' } }, 107],
    ['/disconnect', { user: 'u', disconnect: { code: 4000, reason: 'ä'.repeat(62) } }, 107],
    ['/subscribe', { user: 'u' }, 107],
    ['/subscribe', { user: 'u', channel: '*control' }, 102],
    ['/subscribe', { user: 'u', channel: 'news:a', b64data: 'AAAA' }, 107],
    ['/unsubscribe', { channel: 'news:a' }, 107],
    ['/refresh', { user: 'u', expire_at: 9_999_999_999 }, 108],
  ])('%s %j is error %i', async (path, payload, code) => {
    expect((await call(path, payload)).json().error.code).toBe(code);
    expect(world.controls).toEqual([]);
  });
});

describe('looking', () => {
  test('presence, its counts, and channels by a pattern', async () => {
    expect((await call('/presence', { channel: 'news:a' })).json()).toEqual({ result: { presence: { c1: { client: 'c1', user: 'u-anna' } } } });
    expect((await call('/presence_stats', { channel: 'news:a' })).json()).toEqual({ result: { num_clients: 1, num_users: 1 } });
    expect((await call('/channels', { pattern: 'news:*' })).json()).toEqual({ result: { channels: { 'news:a': { num_clients: 2 } } } });
    expect((await call('/channels', {})).json().result.channels).toHaveProperty('thread:1');
    expect((await call('/info', '{}')).json().result).toEqual({ nodes: [{ name: 'pod-1', num_clients: 2 }] });
    expect((await call('/connections', { user: 'u1' })).json().result).toEqual({
      connections: { c1: { user: 'u1', transport: 'websocket', node: 'pod-1~x', protocol: 'json', state: { channels: { 'news:a': {} } } } },
    });
    expect((await call('/connections', {})).json().error.code).toBe(107);
  });

  test('what is not all of it says so', async () => {
    world.complete = false;
    for (const [method, params] of [
      ['/channels', {}],
      ['/info', {}],
      ['/connections', { user: 'u1' }],
    ] as const)
      expect((await call(method, params)).json().result).toMatchObject({ incomplete: true });
  });

  test('presence where it is off is error 108', async () => {
    expect((await call('/presence', { channel: 'live:a' })).json().error.code).toBe(108);
  });

  test('history keeps the bytes of each publication', async () => {
    world.page = {
      epoch: 'e1',
      offset: 9,
      publications: [
        {
          channel: 'news:a',
          epoch: 'e1',
          seq: 9,
          id: 'i',
          kind: 'channel.published.v1',
          actor: 'a',
          command_id: 'c',
          ts: 1,
          data: '{"n":1.50}',
          meta: '{"tags":{"t":"1"}}',
        },
      ],
    };
    const page = '{"result":{"publications":[{"data":{"n":1.50},"offset":9,"tags":{"t":"1"}}],"offset":9,"epoch":"e1"}}';
    expect((await call('/history', { channel: 'news:a', limit: 10 })).body).toBe(page);
    expect((await call('/history', { channel: 'news:a', limit: -1, since: { offset: 8, epoch: 'e1' } })).body).toBe(page);
  });

  test('history of a channel without events, and of one that keeps none', async () => {
    expect((await call('/history', { channel: 'news:a', limit: 5 })).json().result).toEqual({ publications: [], offset: 0, epoch: '' });
    expect((await call('/history', { channel: 'live:a', limit: 5 })).json().error.code).toBe(108);
  });

  test.each(['/history_remove', '/rpc'])('%s is error 108', async (path) => {
    expect((await call(path, '{}')).json().error.code).toBe(108);
  });
});

describe('many in one', () => {
  test('a batch answers each command in order', async () => {
    const answer = await call(
      '/batch',
      '{"commands":[{"publish":{"channel":"news:a","data":{"n":1.0}}},{"publish":{"channel":"nowhere:x","data":1}},{"fly":{}},{"info":{}}]}',
    );
    expect(answer.json()).toEqual({
      replies: [
        { publish: { offset: 7, epoch: 'e1' } },
        { error: { code: 102, message: 'no such channel' } },
        { error: { code: 104, message: 'method not known' } },
        { info: expect.anything() },
      ],
    });
    expect(world.commands[0]?.data).toMatchObject({ json: '{"n":1.0}' });
  });

  test('a parallel batch answers in order too', async () => {
    const { replies } = (await call('/batch', { parallel: true, commands: [{ info: {} }, { presence_stats: { channel: 'news:a' } }] })).json();
    expect(replies.map((reply: object) => Object.keys(reply)[0])).toEqual(['info', 'presence_stats']);
  });

  test('a batch with one malformed command does nothing', async () => {
    expect((await call('/batch', { commands: [{ publish: { channel: 'news:a', data: 1 } }, { publish: { channel: 5 } }] })).statusCode).toBe(400);
    expect(world.commands).toEqual([]);
  });

  test('the form with method and params is understood', async () => {
    const answer = await call('', '{"id":3,"method":"publish","params":{"channel":"news:a","data":1.0}}');
    expect(answer.json()).toEqual({ id: 3, result: { offset: 7, epoch: 'e1' } });
    expect(world.commands[0]?.data).toMatchObject({ json: '1.0' });
    expect((await call('', { method: 'fly' })).json()).toEqual({ error: { code: 104, message: 'method not known' } });
  });
});

describe('what cannot be read', () => {
  test.each([
    ['/publish', '{"channel":5}'],
    ['/publish', '{'],
    ['/publish', ''],
    ['/publish', '[]'],
    ['/batch', '{}'],
    ['/batch', '{"commands":[1]}'],
    ['', '{}'],
    ['/history', '{"limit":"ten"}'],
  ])('%s %s is 400', async (path, payload) => {
    expect((await call(path, payload)).statusCode).toBe(400);
  });

  test.each(['publish', 'batch', ''])('deep nesting for /api/%s is 400', async (path) => {
    expect((await call(`/${path}`.replace(/\/$/, ''), `{"channel":"news:a","data":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)).statusCode).toBe(400);
  });
});
