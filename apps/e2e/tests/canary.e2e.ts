import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { call, demand } from '../src/people.ts';
import { RawSocket } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';
import { StreamSocket } from '../src/stream-socket.ts';

/** A secret that is found wherever it went. */
const canary = (kind: string): string => `canary-${kind}-${randomBytes(12).toString('hex')}`;
const COOKIE = 'veche_session';
const KEY = canary('key');
const HMAC = canary('hmac');

const secrets = new Map<string, string>([
  ['the API key', KEY],
  ['the shared secret', HMAC],
]);
const secret = (what: string, value = canary(what.replaceAll(' ', '-'))): string => {
  secrets.set(what, value);
  return value;
};

let server: Veche;
let token: string;
let refresh: string;
let channel: string;
let thread: string;

interface SignedIn {
  readonly token: string;
  readonly refresh_token: string;
}

beforeAll(async () => {
  server = await startVeche({
    env: {
      LOG_LEVEL: 'debug',
      AUTH_API_KEYS: `test:${KEY}`,
      AUTH_HMAC_SECRET: HMAC,
      DOORS_TOKEN_COOKIE: COOKIE,
      HTTP_REQUESTS_PER_MINUTE: '100000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
    },
  });
  const body = { login: 'anna', password: secret('the password') };
  ({ token, refresh_token: refresh } = await demand<SignedIn>(server.origin, 'POST', '/auth/register', { body }));
  // The signature alone would open nothing, and a header is no secret: what must not be found is the end of each.
  secret('the token', token.slice(-40));
  secret('the refresh token', refresh.slice(-20));
  ({ channel } = await demand<{ channel: string }>(server.origin, 'POST', '/chat/threads', { token, body: { title: secret('the title'), members: [] } }));
  thread = channel.slice('thread:'.length);
});
afterAll(() => server.stop());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call<unknown>(server.origin, 'POST', path, { body, headers }).catch(() => undefined);
const raw = (path: string, init: RequestInit = {}) => fetch(server.origin + path, init).then((response) => response.body?.cancel());
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

describe('no secret is found in the logs or the metrics', () => {
  it('after it went through every door, well and wrongly', async () => {
    await signIn();
    await requests();
    await sockets();
    await streams();
    await findNothing();
  });

  it('after the database refused what was in it', async () => {
    const text = secret('a refused text');
    const admin = new pg.Client(server.database.url);
    await admin.connect();
    // Its error names the whole row.
    await admin.query(`ALTER TABLE event ADD CONSTRAINT no_canary CHECK (data::text NOT LIKE '%${text}%')`);
    await admin.end();
    expect((await call(server.origin, 'POST', `/chat/threads/${thread}/messages`, { token, body: { text } })).status).toBeGreaterThanOrEqual(500);
    const socket = await RawSocket.open(server.origin, '/connection/websocket');
    await socket.ask({ id: 1, connect: { token } });
    socket.send({ id: 2, rpc: { method: 'chat.send', data: { channel, text } } });
    let reply = await socket.next();
    // Signals of other threads may come first.
    while (!reply.includes('"id":2')) reply = await socket.next();
    expect(reply).toContain('"error"');
    socket.destroy();
    await findNothing();
  });
});

async function signIn(): Promise<void> {
  await post('/auth/token', { login: 'anna', password: secret('a wrong password') });
  await post('/auth/token', { login: secret('a login that was a password'), password: 'x' });
  await post('/auth/register', { login: 'anna', password: secret('a second password'), surprise: secret('an unknown field') });
  await raw('/auth/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"login":"anna","password":"${secret('a password in bad JSON')}`,
  });
  await post('/auth/refresh', { refresh_token: secret('a refresh token that is none') });
  const second = await demand<SignedIn>(server.origin, 'POST', '/auth/token', { body: { login: 'anna', password: secrets.get('the password') } });
  const third = await demand<SignedIn>(server.origin, 'POST', '/auth/refresh', { body: { refresh_token: second.refresh_token } });
  secret('the second refresh token', second.refresh_token.slice(-20));
  secret('the third refresh token', third.refresh_token.slice(-20));
  const { ticket } = await demand<{ ticket: string }>(server.origin, 'POST', '/auth/ticket', { token: third.token });
  secret('the ticket', ticket);
  for (let n = 0; n < 2; n++) await raw(`/realtime/events?channel=${channel}&ticket=${ticket}`, { headers: { accept: 'text/event-stream' } });
  await post('/auth/logout', { refresh_token: third.refresh_token });
  await post('/auth/refresh', { refresh_token: second.refresh_token });
}

async function requests(): Promise<void> {
  const text = secret('the text');
  const { id } = await demand<{ id: string }>(server.origin, 'POST', `/chat/threads/${thread}/messages`, { token, body: { text } });
  await call(server.origin, 'PATCH', `/chat/threads/${thread}/messages/${id}`, { token, body: { text: secret('the edited text') } });
  await call(server.origin, 'POST', `/chat/threads/${thread}/messages`, { token, body: { text: secret('a long text').repeat(300) } });
  await call(server.origin, 'POST', `/chat/threads/${secret('a thread that is none')}/messages`, { token, body: { text, surprise: secret('a field') } });
  await raw(`/chat/${secret('a path')}?token=${token}`);
  for (const headers of [
    bearer(secret('a bearer')),
    bearer(`eyJhbGciOiJIUzI1NiJ9.${secret('a payload')}.x`),
    { cookie: `${COOKIE}=${secret('a cookie')}` },
    { 'x-api-key': secret('a wrong key') },
    { authorization: `apikey ${secret('a second wrong key')}` },
  ] as Record<string, string>[]) {
    await raw('/chat/threads', { headers });
    await post('/api/info', {}, headers);
    await raw(`/realtime/events?channel=${channel}`, { headers });
  }
  await raw(`/realtime/events?channel=${channel}`, { headers: { cookie: `${COOKIE}=${token}`, accept: 'application/json' } });
  await post('/api/publish', { channel, data: { text: secret('a published text') } }, { 'x-api-key': KEY });
  await post('/api/publish', { channel: 'nowhere:a', data: secret('an unpublished text') }, { 'x-api-key': KEY });
  await post('/api/disconnect', { user: 'nobody', disconnect: { code: 3000, reason: secret('a reason') } }, { 'x-api-key': KEY });
  await post('/emulation', { session: secret('a stream session'), node: '', data: secret('stream data') });
}

async function sockets(): Promise<void> {
  for (const path of [
    `/realtime/ws?token=${secret('a token in the address')}`,
    `/realtime/ws?ticket=${secret('a ticket that is none')}`,
    `/connection/websocket?token=${secret('a second token in the address')}`,
  ]) {
    const socket = await RawSocket.open(server.origin, path).catch(() => undefined);
    socket?.destroy();
  }
  const v2 = await RawSocket.open(server.origin, '/connection/websocket');
  await v2.ask({ id: 1, connect: { token } });
  v2.send({ id: 2, rpc: { method: 'chat.send', data: { channel, text: secret('a text by socket') } } });
  v2.send({ id: 3, publish: { channel, data: secret('a signal') } });
  v2.send({ id: 4, rpc: { method: secret('a method'), data: { text: secret('a text of no method') } } });
  v2.send({ id: 5, subscribe: { channel, token: secret('a subscription token') } });
  v2.send({ id: 6, refresh: { token: secret('a renewed token') } });
  await v2.closed;
  for (const [path, hello] of [
    ['/connection/websocket', { id: 1, connect: { token: secret('a token of a socket'), data: secret('connect data') } }],
    ['/connection/websocket', { id: 1, [secret('a command')]: {} }],
    ['/realtime/ws', { type: 'connect', token: secret('a token of a plain socket') }],
    ['/realtime/ws', { type: secret('a type') }],
  ] as const) {
    const socket = await RawSocket.open(server.origin, path);
    socket.send(hello);
    await socket.closed;
  }
}

async function streams(): Promise<void> {
  const stream = await StreamSocket.open(server.origin, { token });
  secret('the session of a stream', stream.address.session);
  await stream.post(`{"id":2,"rpc":{"method":"chat.send","data":{"channel":"${channel}","text":"${secret('a text by stream')}"}}}`);
  await stream.post(secret('garbage'));
  stream.destroy();
  await raw(`/connection/sse?cf_connect=${encodeURIComponent(JSON.stringify({ id: 1, connect: { token: secret('a token of a stream') } }))}`);
}

async function findNothing(): Promise<void> {
  const metrics = await server.metrics();
  const found = [...secrets].filter(([, value]) => value !== '' && (server.log.includes(value) || metrics.includes(value)));
  expect(found.map(([what]) => what)).toEqual([]);
  expect(server.log.length).toBeGreaterThan(1_000);
}
