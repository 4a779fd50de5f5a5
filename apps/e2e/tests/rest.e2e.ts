import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createThread, demand, type Person, register } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

let server: Veche;
beforeAll(async () => {
  server = await startVeche({ env: { HTTP_REQUESTS_PER_MINUTE: '30', HTTP_ALLOWED_ORIGINS: 'https://app.example.com' } });
});
afterAll(() => server.stop());

const idOf = (channel: string): string => channel.slice('thread:'.length);

describe('REST', () => {
  it('a creation that is repeated is one thread, even when it names its members differently', async () => {
    const [owner, member] = [await register(server.origin, 'owner'), await register(server.origin, 'member')];
    const create = (members: string[]) =>
      demand<{ channel: string; id: string; seq: number }>(server.origin, 'POST', '/chat/threads', {
        token: owner.token,
        body: { title: 'once', members },
        headers: { 'idempotency-key': 'create-1' },
      });
    const [first, again] = [await create(['member']), await create([member.id])];
    expect(again).toEqual(first);
    const { threads } = await demand<{ threads: { title: string }[] }>(server.origin, 'GET', '/chat/threads', { token: member.token });
    expect(threads.map(({ title }) => title)).toEqual(['once']);
  });

  it('many copies of one message at once are one message', async () => {
    const person = await register(server.origin, 'hurried');
    const { channel } = await createThread(server.origin, person, 'copies', []);
    const send = () =>
      demand<{ seq: number; id: string }>(server.origin, 'POST', `/chat/threads/${idOf(channel)}/messages`, {
        token: person.token,
        body: { text: 'x' },
        headers: { 'idempotency-key': 'one' },
      });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(new Set(answers.map(({ seq }) => seq))).toEqual(new Set([2]));
  });

  it('what everybody in a thread may do follows from their role', async () => {
    const [owner, reader] = [await register(server.origin, 'o'), await register(server.origin, 'r')];
    const thread = idOf((await createThread(server.origin, owner, 'roles', [])).channel);
    await demand(server.origin, 'POST', `/chat/threads/${thread}/members`, { token: owner.token, body: { user: 'r', role: 'reader' } });
    expect((await call(server.origin, 'GET', `/chat/threads/${thread}/messages`, { token: reader.token })).status).toBe(200);
    expect((await call(server.origin, 'POST', `/chat/threads/${thread}/messages`, { token: reader.token, body: { text: 'x' } })).status).toBe(403);
    expect((await call(server.origin, 'PATCH', `/chat/threads/${thread}`, { token: reader.token, body: { title: 'mine' } })).status).toBe(403);
    expect((await call(server.origin, 'POST', `/chat/threads/${thread}/typing`, { token: owner.token, body: {} })).status).toBe(202);
    expect((await call(server.origin, 'DELETE', `/chat/threads/${thread}/members/${encodeURIComponent(reader.id)}`, { token: reader.token })).status).toBe(200);
    expect((await call(server.origin, 'GET', `/chat/threads/${thread}`, { token: reader.token })).status).toBeGreaterThanOrEqual(403);
  });

  it('the 31st request of a user in a minute waits, another user does not', async () => {
    const [busy, calm] = [await register(server.origin, 'busy'), await register(server.origin, 'calm')];
    const ask = (person: Person) => fetch(`${server.origin}/chat/threads`, { headers: { authorization: `Bearer ${person.token}` } });
    for (let n = 1; n <= 30; n++) expect((await ask(busy)).status).toBe(200);
    const refused = await ask(busy);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 111, name: 'too_many_requests', retryable: true, retry_after_ms: expect.any(Number) } });
    expect((await ask(calm)).status).toBe(200);
  });

  it('the public keys check the tokens', async () => {
    const person = await register(server.origin, 'checked');
    const answer = await fetch(`${server.origin}/.well-known/jwks.json`);
    expect(answer.headers.get('cache-control')).toMatch(/^public, max-age=/);
    const { payload } = await jwtVerify(person.token, createLocalJWKSet((await answer.json()) as never));
    expect(payload.sub).toBe(person.id);
  });

  it('a token ends with its sign-in session', async () => {
    const { token, refresh_token } = await demand<{ token: string; refresh_token: string }>(server.origin, 'POST', '/auth/register', {
      body: { login: 'leaver', password: 'a long password' },
    });
    expect((await call(server.origin, 'GET', '/auth/me', { token })).status).toBe(200);
    await demand(server.origin, 'POST', '/auth/logout', { body: { refresh_token } });
    expect((await call(server.origin, 'POST', '/auth/refresh', { body: { refresh_token } })).status).toBe(401);
    expect((await call(server.origin, 'GET', '/auth/me', { token })).status).toBe(401);
  });

  it('describes itself', async () => {
    const { openapi, paths } = await demand<{ openapi: string; paths: Record<string, unknown> }>(server.origin, 'GET', '/openapi.json');
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/chat/threads/{thread}/messages', '/auth/token', '/api/publish', '/realtime/events']));
  });

  it('lets pages of listed origins read, and no others', async () => {
    const origins = await Promise.all(
      ['https://app.example.com', 'https://evil.example', 'null'].map(async (origin) =>
        (await fetch(`${server.origin}/openapi.json`, { headers: { origin } })).headers.get('access-control-allow-origin'),
      ),
    );
    expect(origins).toEqual(['https://app.example.com', null, null]);
  });

  it('the API of backends is closed without a key in the configuration', async () => {
    expect((await call(server.origin, 'POST', '/api/info', { body: {}, headers: { 'x-api-key': '' } })).status).toBe(401);
    expect((await call(server.origin, 'POST', '/api/info', { body: {}, headers: { 'x-api-key': 'undefined' } })).status).toBe(401);
  });
});
