import { MAX_MESSAGE_BYTES, OPERATIONS, VecheError } from '@veche/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANNA, openWorld, type World } from './app.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.server.close());

const as = (user = ANNA.id, more = {}): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${user}`, ...more } });
const post = (url: string, payload: unknown, more = {}) => world.server.inject({ method: 'POST', url, payload: payload as object, ...as(ANNA.id, more) });
const raw = (payload: string | Buffer, contentType = 'application/json', url = '/chat/threads/1/messages') =>
  world.server.inject({ method: 'POST', url, payload, ...as(ANNA.id, { 'content-type': contentType }) });

describe('operations', () => {
  test('a message is a command of the thread in the path, with the key as its id', async () => {
    const answer = await post('/chat/threads/42/messages', { text: 'hello' }, { 'idempotency-key': 'k-1' });
    expect([answer.statusCode, answer.json()]).toEqual([201, { id: '01', seq: 7, ts: 5, command_id: 'k-1' }]);
    expect(world.commands[0]).toMatchObject({ channel: 'thread:42', actor: ANNA.id, command_id: 'k-1', data: { text: 'hello' } });
    expect(answer.headers['cache-control']).toBe('private, no-store');
  });

  test.each(Object.entries(OPERATIONS))('%s has a route that asks for a token', async (_name, { route }) => {
    const url = route.path.replaceAll(/:\w+/g, 'x');
    const answer = await world.server.inject({ method: route.verb, url });
    expect([answer.statusCode, answer.json().error.name]).toEqual([401, 'unauthorized']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('query parameters are read by their schema, lists in every spelling', async () => {
    await world.server.inject({ url: '/chat/threads/42/messages?limit=5&before=9', ...as() });
    await world.server.inject({ url: '/auth/users?ids=a&ids=b,c&logins=anna', ...as() });
    expect(world.questions.map(({ query }) => query)).toEqual([
      { user: ANNA.id, channel: 'thread:42', limit: 5, before: 9 },
      { ids: ['a', 'b', 'c'], logins: ['anna'] },
    ]);
  });

  test('a path parameter may be as long as a user id and needs no escaping in the path', async () => {
    const user = 'a'.repeat(96);
    await world.server.inject({ method: 'DELETE', url: `/chat/threads/42/members/${user}`, ...as() });
    await world.server.inject({ method: 'DELETE', url: `/chat/threads/42/members/${encodeURIComponent('ext|a/b')}`, ...as() });
    expect(world.commands.map(({ data }) => data)).toEqual([{ user }, { user: 'ext|a/b' }]);
  });

  test('the path, the body and the header may not contradict each other', async () => {
    const path = await post('/chat/threads/42/messages', { channel: 'thread:1', text: 'x' });
    const key = await post('/chat/threads/42/messages', { command_id: 'a', text: 'x' }, { 'idempotency-key': 'b' });
    expect([path.statusCode, path.json().error.details[0].path]).toEqual([400, 'channel']);
    expect([key.statusCode, key.json().error.details[0].path]).toEqual([400, 'command_id']);
    expect(world.commands).toEqual([]);
  });

  test('the same answer again is 304 without a body', async () => {
    const first = await world.server.inject({ url: '/chat/threads', ...as() });
    const again = await world.server.inject({ url: '/chat/threads', ...as(ANNA.id, { 'if-none-match': `W/${String(first.headers.etag)}` }) });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', first.headers.etag]);
  });

  test('an unknown outcome says to send the same again', async () => {
    world.reply = { ok: false, error: 'outcome_unknown', message: 'no answer in time' };
    const { statusCode, json } = await post('/chat/threads/42/messages', { text: 'x' });
    expect([statusCode, json().error]).toMatchObject([504, { name: 'outcome_unknown', retryable: true, advice: expect.stringContaining('same command_id') }]);
  });
});

describe('bad input', () => {
  const message = (bytes: number): string => `{"text":"${'x'.repeat(bytes - 11)}"}`;

  test('65,536 bytes of body pass and one more is 413', async () => {
    expect((await raw(message(MAX_MESSAGE_BYTES))).statusCode).toBe(201);
    const over = await raw(message(MAX_MESSAGE_BYTES + 1));
    expect([over.statusCode, over.json().error.name]).toEqual([413, 'too_large']);
    expect(world.commands).toHaveLength(1);
  });

  test.each([
    ['malformed JSON', '{"text":'],
    ['an array', '[]'],
    ['a bare value', '1'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['a byte order mark', '\ufeff{}'],
    ['deep nesting', `{"text":"x","attachments":[${'{"a":'.repeat(60)}1${'}'.repeat(60)}]}`],
    ['very deep nesting', `${'['.repeat(32_000)}${']'.repeat(32_000)}`],
    ['__proto__', '{"text":"x","__proto__":{"admin":true}}'],
    ['constructor', '{"text":"x","constructor":{"prototype":{}}}'],
    ['an unknown field', '{"text":"x","colour":"red"}'],
    ['a wrong type', '{"text":5}'],
    ['NUL', String.raw`{"text":"a\u0000b"}`],
    ['half a surrogate pair', String.raw`{"text":"\ud800"}`],
    ['an empty body', ''],
  ])('%s is 400 in our form', async (_what, payload) => {
    const answer = await raw(payload);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 107]);
    expect(answer.body).not.toMatch(/\bat |node_modules|SyntaxError/);
    expect(world.commands).toEqual([]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonx', 'garbage', ''])(
    'content type %j is refused',
    async (type) => {
      expect((await raw('{"text":"x"}', type)).statusCode).toBe(400);
      expect(world.commands).toEqual([]);
    },
  );

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/merge-patch+json'])('content type %j passes', async (type) => {
    expect((await raw('{"text":"x"}', type)).statusCode).toBe(201);
  });

  test('an expired and a forged token are told apart', async () => {
    const names = await Promise.all(
      ['expired', 'forged'].map(async (token) => (await world.server.inject({ url: '/chat/threads', ...as(token) })).json().error.name as string),
    );
    expect(names).toEqual(['token_expired', 'unauthorized']);
  });

  test('a failure of ours is 500 and says nothing of itself', async () => {
    world.answers.set('chat.list-threads.v1', new Error('SELECT * FROM secret at 10.0.0.1'));
    const answer = await world.server.inject({ url: '/chat/threads', ...as() });
    expect([answer.statusCode, answer.json().error.message]).toEqual([500, 'internal failure']);
    expect(answer.body).not.toContain('SELECT');
  });

  test.each(['/chat/threads/', '//chat/threads', '/chat/threads/%2e%2e/x/y/z', '/CHAT/threads', '/chat/threads;x'])(
    '%s is no back door around the token',
    async (url) => {
      for (const method of ['GET', 'HEAD'] as const) {
        const { statusCode } = await world.server.inject({ method, url });
        expect(statusCode).toBeGreaterThanOrEqual(400);
        expect(statusCode).toBeLessThan(500);
      }
      expect(world.questions).toEqual([]);
    },
  );
});

describe('limits', () => {
  test('the 31st request in a minute is 429 with the wait, another user passes', async () => {
    await world.server.close();
    world = await openWorld({ perMinute: 30 });
    const statuses = await Promise.all(Array.from({ length: 31 }, async () => (await world.server.inject({ url: '/chat/threads', ...as() })).statusCode));
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    const refused = await world.server.inject({ url: '/chat/threads', ...as() });
    expect([refused.statusCode, refused.json().error.name]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect((await world.server.inject({ url: '/chat/threads', ...as('u-boris') })).statusCode).toBe(200);
  });
});

describe('sign-in', () => {
  test('register and token carry the address of the client, and the tokens are kept by no cache', async () => {
    world.answers.set('auth.register-user.v1', { token: 't' });
    const answer = await post('/auth/register', { login: 'Anna', password: 'long enough', name: 'Anna' });
    expect([answer.statusCode, answer.json(), answer.headers['cache-control']]).toEqual([201, { token: 't' }, 'private, no-store']);
    expect(world.questions[0]?.query).toEqual({ login: 'anna', password: 'long enough', name: 'Anna', address: '127.0.0.1' });
  });

  test('a client cannot choose its address', async () => {
    expect((await post('/auth/token', { login: 'a', password: 'b', address: '1.1.1.1' })).statusCode).toBe(400);
  });

  test('a refusal is passed on with its wait', async () => {
    world.answers.set('auth.issue-token.v1', new VecheError('too_many_requests', 'too many attempts', [], 3_000));
    const answer = await post('/auth/token', { login: 'a', password: 'b' });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '3']);
  });

  test('a ticket is bound to the origin that asks', async () => {
    world.answers.set('auth.issue-ticket.v1', { ticket: 'x', expires_in: 30 });
    const answer = await post('/auth/ticket', {}, { origin: 'https://app.example.com' });
    expect(answer.json()).toEqual({ ticket: 'x', expires_in: 30 });
    expect(world.questions.at(-1)?.query).toEqual({ token: ANNA.id, origin: 'https://app.example.com' });
  });

  test('me is the user, and of another issuer what the token says', async () => {
    expect((await world.server.inject({ url: '/auth/me', ...as() })).json()).toEqual(ANNA);
    world.answers.set('auth.find-users.v1', { users: [] });
    expect((await world.server.inject({ url: '/auth/me', ...as('u-foreign') })).json()).toEqual({ id: 'u-foreign', login: null, name: null });
  });

  test('the key set is cacheable and shows keys alone', async () => {
    world.answers.set('auth.list-keys.v1', { keys: [{ kid: '1' }], issuer: 'i', audience: 'a' });
    const answer = await world.server.inject({ url: '/.well-known/jwks.json' });
    expect(answer.json()).toEqual({ keys: [{ kid: '1' }] });
    expect(answer.headers['cache-control']).toBe('public, max-age=300');
  });
});

describe('pages of other origins', () => {
  test('only a listed origin may read answers', async () => {
    await world.server.close();
    world = await openWorld({ origins: ['https://app.example.com'] });
    const allowed = await world.server.inject({ url: '/chat/threads', ...as(ANNA.id, { origin: 'https://app.example.com' }) });
    const foreign = await world.server.inject({ url: '/chat/threads', ...as(ANNA.id, { origin: 'https://evil.example' }) });
    expect([allowed, foreign].map(({ headers }) => headers['access-control-allow-origin'])).toEqual(['https://app.example.com', undefined]);
    expect([allowed, foreign].map(({ headers }) => headers.vary)).toEqual(['Origin', 'Origin']);
  });

  test('a preflight is answered without a token', async () => {
    const answer = await world.server.inject({ method: 'OPTIONS', url: '/chat/threads', headers: { origin: 'http://localhost:80', host: 'localhost:80' } });
    expect([answer.statusCode, answer.headers['access-control-allow-methods']]).toEqual([204, 'GET, POST, PATCH, PUT, DELETE, OPTIONS']);
  });

  test('every answer forbids sniffing and framing', async () => {
    for (const answer of [await world.server.inject({ url: '/chat/threads' }), await world.server.inject({ url: '/openapi.json' })]) {
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
    }
  });
});
