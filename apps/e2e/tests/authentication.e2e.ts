import { createHmac, randomUUID } from 'node:crypto';
import { eventually } from '@veche/testing';
import { Centrifuge } from 'centrifuge';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { call, demand } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const HMAC_SECRET = 'a secret that the old server used';
const API_KEY = 'shop-secret-0123456789';
let server: Veche;
const clients: Centrifuge[] = [];

beforeAll(async () => {
  server = await startVeche({ env: { AUTH_HMAC_SECRET: HMAC_SECRET, AUTH_API_KEYS: `shop:${API_KEY}`, AUTH_ACCESS_TTL_S: '600', LOG_LEVEL: 'debug' } });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(() => server.stop());

interface SignedIn {
  readonly token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly user: { readonly id: string; readonly login: string };
}

const signUp = (login = `ann-${randomUUID().slice(0, 8)}`): Promise<SignedIn> =>
  demand(server.origin, 'POST', '/auth/register', { body: { login, password: 'correct horse battery' } });
const refresh = (refreshToken: string) => call<SignedIn>(server.origin, 'POST', '/auth/refresh', { body: { refresh_token: refreshToken } });
const me = (token: string) => call<{ id: string }>(server.origin, 'GET', '/auth/me', { token });

/** Resolves with the outcome of the first connect. */
async function connect(token: string): Promise<{ client: Centrifuge; outcome: string }> {
  const client = new Centrifuge(`${server.origin.replace('http', 'ws')}/connection/websocket`, { token, websocket: WebSocket });
  clients.push(client);
  const outcome = new Promise<string>((resolve) => {
    client.once('connected', () => resolve('connected'));
    client.once('disconnected', ({ code }) => resolve(`disconnected ${code}`));
  });
  client.connect();
  return { client, outcome: await outcome };
}

function hmacToken(claims: object): string {
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', HMAC_SECRET).update(signed).digest('base64url')}`;
}

describe('one sign-in', () => {
  it('opens every door, and its end closes the live socket within a second', async () => {
    const { token, refresh_token: refreshToken, user } = await signUp();
    expect((await me(token)).body.id).toBe(user.id);
    const { client, outcome } = await connect(token);
    expect(outcome).toBe('connected');
    const closed = new Promise<number>((resolve) => void client.once('disconnected', ({ code }) => resolve(code)));
    const began = performance.now();
    await demand(server.origin, 'POST', '/auth/logout', { body: { refresh_token: refreshToken } });
    expect(await closed).toBe(3500);
    expect(performance.now() - began).toBeLessThan(1000);
    expect((await me(token)).status).toBe(401);
    expect((await connect(token)).outcome).toBe('disconnected 3500');
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it('leaves other sign-ins of the user connected', async () => {
    const one = await signUp('two-devices');
    const two = await demand<SignedIn>(server.origin, 'POST', '/auth/token', { body: { login: 'two-devices', password: 'correct horse battery' } });
    const { client } = await connect(two.token);
    await demand(server.origin, 'POST', '/auth/logout', { body: { refresh_token: one.refresh_token } });
    await eventually(async () => (await me(one.token)).status === 401);
    expect(client.state).toBe('connected');
    expect((await me(two.token)).status).toBe(200);
  });

  it('stays ended after the server was killed, and other sign-ins stay valid', async () => {
    const [gone, kept] = [await signUp(), await signUp()];
    await demand(server.origin, 'POST', '/auth/logout', { body: { refresh_token: gone.refresh_token } });
    await server.crash();
    expect((await me(gone.token)).status).toBe(401);
    expect((await me(kept.token)).status).toBe(200);
    expect((await refresh(kept.refresh_token)).status).toBe(200);
  });

  it('whose refresh token was used twice is over for both who hold it', async () => {
    const first = await signUp();
    const second = (await refresh(first.refresh_token)).body;
    const third = (await refresh(second.refresh_token)).body;
    expect((await refresh(first.refresh_token)).status).toBe(401);
    await eventually(async () => (await me(third.token)).status === 401);
    expect((await refresh(third.refresh_token)).status).toBe(401);
  });
});

describe('tokens', () => {
  it('of another issuer are taken as a Centrifugo server would', async () => {
    expect((await connect(hmacToken({ sub: '42', exp: Math.floor(Date.now() / 1000) + 60 }))).outcome).toBe('connected');
    expect((await connect(`${hmacToken({ sub: '42' })}x`)).outcome).toBe('disconnected 3500');
  });

  it('that have expired are asked for anew', async () => {
    const expired = hmacToken({ sub: '42', exp: Math.floor(Date.now() / 1000) - 60 });
    let asked = 0;
    const client = new Centrifuge(`${server.origin.replace('http', 'ws')}/connection/websocket`, {
      token: expired,
      websocket: WebSocket,
      minReconnectDelay: 1,
      getToken: () => {
        asked++;
        return Promise.resolve(hmacToken({ sub: '42' }));
      },
    });
    clients.push(client);
    client.connect();
    await client.ready(10_000);
    expect(asked).toBe(1);
  });

  it('can be checked by anybody with the published keys', async () => {
    const { keys } = await demand<{ keys: Record<string, unknown>[] }>(server.origin, 'GET', '/.well-known/jwks.json');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).not.toHaveProperty('d');
  });

  it('never reach a log', async () => {
    const { token, refresh_token: refreshToken } = await signUp();
    await call(server.origin, 'GET', `/auth/me?token=${token}`);
    await call(server.origin, 'POST', '/auth/refresh', { body: { refresh_token: `${refreshToken}x` } });
    await call(server.origin, 'POST', '/api/info', { body: {}, headers: { 'x-api-key': API_KEY } });
    for (const secret of [token, refreshToken, API_KEY, HMAC_SECRET]) expect(server.log).not.toContain(secret);
  });
});

describe('a ticket', () => {
  it('stands for the token once', async () => {
    const { token, user } = await signUp();
    const { ticket } = await demand<{ ticket: string }>(server.origin, 'POST', '/auth/ticket', { token });
    const open = async (): Promise<number> => {
      const response = await fetch(`${server.origin}/realtime/events?channel=user:${user.id}&ticket=${ticket}`, { headers: { accept: 'text/event-stream' } });
      await response.body?.cancel();
      return response.status;
    };
    expect(await open()).toBe(200);
    expect(await open()).toBe(401);
  });

  it('is given only to who is signed in', async () => {
    expect((await call(server.origin, 'POST', '/auth/ticket')).status).toBe(401);
  });
});

describe('a key of a backend', () => {
  it.each([
    [{ 'x-api-key': API_KEY }, 200],
    [{ authorization: `apikey ${API_KEY}` }, 200],
    [{ 'x-api-key': `${API_KEY}x` }, 401],
    [{}, 401],
  ])('with %j is answered with %i', async (headers, status) => {
    expect((await call(server.origin, 'POST', '/api/info', { body: {}, headers: headers as Record<string, string> })).status).toBe(status);
  });

  it('is not opened by a user’s token', async () => {
    const { token } = await signUp();
    expect((await call(server.origin, 'POST', '/api/info', { token, body: {} })).status).toBe(401);
  });
});
