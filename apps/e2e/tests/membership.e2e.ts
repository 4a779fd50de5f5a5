import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, demand } from '../src/people.ts';
import { RawSocket } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';
import { StreamSocket } from '../src/stream-socket.ts';
import { hmacToken } from '../src/tokens.ts';

const SECRET = 'the secret of the issuer of this test';
const KEY = 'key-of-the-membership-test';
const ROUNDS = 5;
let server: Veche;
let channel: string;
let path: string;
const open: { destroy(): void }[] = [];

beforeAll(async () => {
  server = await startVeche({
    env: {
      AUTH_HMAC_SECRET: SECRET,
      AUTH_API_KEYS: `test:${KEY}`,
      OPERATIONS_FOREIGN_USERS: 'true',
      GATEWAY_MESSAGES_PER_MINUTE: '1000000',
      HTTP_REQUESTS_PER_MINUTE: '1000000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
    },
  });
});
beforeEach(async () => {
  ({ channel } = await as<{ channel: string }>('owner', 'POST', '/chat/threads', { title: 'the thread', members: ['anna', 'watcher'] }));
  path = `/chat/threads/${channel.slice('thread:'.length)}`;
});
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});
afterAll(() => server.stop());

const tokenOf = (sub: string): string => hmacToken(SECRET, { sub });
const as = <T>(user: string, verb: string, where: string, body?: unknown): Promise<T> =>
  demand<T>(server.origin, verb, where, { token: tokenOf(user), ...(body !== undefined && { body }) });
const say = (user: string, text: string) => call<{ seq: number }>(server.origin, 'POST', `${path}/messages`, { token: tokenOf(user), body: { text } });

/** Everything that one follower of the thread was shown, as text, and the highest seq in it. */
class Follower {
  text = '';

  get top(): number {
    return Math.max(0, ...[...this.text.matchAll(/"seq":(\d+),"id"/g)].map(([, seq]) => Number(seq)));
  }

  hear(socket: { next(): Promise<string>; destroy(): void }): this {
    open.push(socket);
    const listen = async (): Promise<void> => {
      for (;;) this.text += `${await socket.next()}\n`;
    };
    void listen();
    return this;
  }

  read(body: ReadableStream<Uint8Array>, abort: AbortController): this {
    open.push({ destroy: () => abort.abort() });
    const listen = async (): Promise<void> => {
      for await (const chunk of body) this.text += Buffer.from(chunk).toString();
    };
    void listen().catch(() => undefined);
    return this;
  }
}

async function v2(user: string): Promise<{ socket: RawSocket; follower: Follower }> {
  const socket = await RawSocket.open(server.origin, '/connection/websocket');
  socket.send({ id: 1, connect: { token: tokenOf(user) } });
  socket.send({ id: 2, subscribe: { channel, recover: true, offset: 0, epoch: '' } });
  return { socket, follower: new Follower().hear(socket) };
}

async function plain(user: string): Promise<{ socket: RawSocket; follower: Follower }> {
  const socket = await RawSocket.open(server.origin, '/realtime/ws', { authorization: `Bearer ${tokenOf(user)}` });
  socket.send({ type: 'join', channel, after: 0 });
  return { socket, follower: new Follower().hear(socket) };
}

async function emulated(user: string): Promise<{ socket: StreamSocket; follower: Follower }> {
  const socket = await StreamSocket.open(server.origin, { token: tokenOf(user) });
  socket.send({ id: 2, subscribe: { channel, recover: true, offset: 0, epoch: '' } });
  return { socket, follower: new Follower().hear(socket) };
}

async function source(user: string): Promise<Follower> {
  const abort = new AbortController();
  const url = `${server.origin}/realtime/events?channel=${channel}&after=0`;
  const response = await fetch(url, { signal: abort.signal, headers: { accept: 'text/event-stream', authorization: `Bearer ${tokenOf(user)}` } });
  expect(response.status).toBe(200);
  return new Follower().read(response.body!, abort);
}

const poll = (user: string, after: number) =>
  call<{ seq: number; events: { seq: number }[] }>(server.origin, 'GET', `/realtime/events?channel=${channel}&after=${after}`, {
    token: tokenOf(user),
    headers: { accept: 'application/json' },
  });

/** Polls until it is refused; the last position it was shown. */
async function pollOn(user: string, over: () => boolean): Promise<number> {
  let at = 0;
  while (!over()) {
    const { status, body } = await poll(user, at);
    if (status !== 200 && status !== 304) break;
    at = body?.events.at(-1)?.seq ?? at;
  }
  return at;
}

describe('a member who is removed while everybody writes', () => {
  it('is shown nothing later on any door, and each send of theirs is before the removal or refused', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const followers = [(await v2('anna')).follower, (await plain('anna')).follower, (await emulated('anna')).follower, await source('anna')];
      const { follower: watcher } = await v2('watcher');
      await eventually(() => [...followers, watcher].every(({ top }) => top > 0));
      let over = false;
      const writers = ['owner', 'owner', 'watcher'].map(async (user) => {
        for (let n = 0; !over; n++) await say(user, `message ${n}`);
      });
      const sent: { status: number; body: { seq: number } }[] = [];
      const anna = [1, 2].map(async () => {
        while (!over) sent.push(await say('anna', 'from anna'));
      });
      const polling = pollOn('anna', () => over);
      const start = watcher.top;
      await eventually(() => watcher.top > start + 20);
      const { seq: removal } = await as<{ seq: number }>('owner', 'DELETE', `${path}/members/anna`);
      await eventually(() => watcher.top > removal + 40);
      over = true;
      const polled = await polling;
      await Promise.all([...writers, ...anna]);
      for (const { top } of followers) expect(top).toBeLessThanOrEqual(removal);
      expect(polled).toBeLessThanOrEqual(removal);
      for (const { status, body } of sent) status === 201 ? expect(body.seq).toBeLessThan(removal) : expect(status).toBe(403);
      expect(sent.some(({ status }) => status === 201) && sent.some(({ status }) => status === 403)).toBe(true);
      expect((await poll('anna', 0)).status).toBe(403);
      expect((await call(server.origin, 'GET', `${path}/messages`, { token: tokenOf('anna') })).status).toBe(403);
      await as('owner', 'POST', `${path}/members`, { user: 'anna' });
      const back = await source('anna');
      await eventually(() => back.top > removal);
    }
  });
});

describe('a backend that disconnects a user', () => {
  it('closes every session of theirs within a second', async () => {
    const [one, other, stream, events] = [await v2('anna'), await plain('anna'), await emulated('anna'), await source('anna')];
    await eventually(() => [one.follower, other.follower, stream.follower, events].every(({ top }) => top > 0));
    const body = JSON.stringify({ user: 'anna', disconnect: { code: 3503, reason: 'enough' } });
    const began = performance.now();
    await fetch(`${server.origin}/api/disconnect`, { method: 'POST', headers: { 'x-api-key': KEY }, body });
    expect((await one.socket.closed).code).toBe(3503);
    expect((await other.socket.closed).code).toBe(3503);
    await eventually(() => stream.follower.text.includes('"disconnect":{"code":3503') && events.text.includes('event: disconnect'));
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
