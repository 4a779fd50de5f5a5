import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '@veche/testing';
import { type Centrifuge } from 'centrifuge';
import { EventSource } from 'eventsource';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { centrifugeOn } from '../src/centrifuge-subscriber.ts';
import { call, createThread, demand, type Person, register } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';
import type { ShownEvent } from '../src/subscriber.ts';

const KEY = 'streams-key-of-16-or-more';
const NAMESPACES = JSON.stringify([
  { name: 'news', history_size: 10_000, history_ttl: '1h', subscribe: 'signed_in', read_history: 'signed_in', presence: true, read_presence: 'signed_in' },
]);
const UNLIMITED = { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '1000000', GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8' };

let server: Veche;
let anna: Person;
let boris: Person;

beforeAll(async () => {
  server = await startVeche({ env: { ...UNLIMITED, AUTH_API_KEYS: `streams:${KEY}`, CHANNELS_NAMESPACES: NAMESPACES } });
  anna = await register(server.origin, 'anna');
  boris = await register(server.origin, 'boris');
});
afterAll(() => server.stop());

const send = (channel: string, text: string, person = boris) =>
  demand<{ seq: number }>(server.origin, 'POST', `/chat/threads/${channel.slice('thread:'.length)}/messages`, { token: person.token, body: { text } });
const publish = (channel: string, data: unknown) => demand(server.origin, 'POST', '/api/publish', { headers: { 'x-api-key': KEY }, body: { channel, data } });

describe.each(['http_stream', 'sse'] as const)('an unmodified client over %s', (transport) => {
  let client: Centrifuge;
  afterEach(() => client.disconnect());

  it('shows every event once and in order while the server is killed and started again', async () => {
    const { channel } = await createThread(server.origin, anna, 'killed', [boris]);
    client = centrifugeOn(transport, server.origin, { token: anna.token });
    const seqs: number[] = [];
    const recoveries: boolean[] = [];
    const subscription = client.newSubscription(channel, { since: { offset: 0, epoch: '' } });
    subscription.on('publication', ({ data }) => seqs.push((data as ShownEvent).seq));
    subscription.on('subscribed', ({ wasRecovering, recovered }) => recoveries.push(wasRecovering && recovered));
    subscription.subscribe();
    client.connect();
    await subscription.ready();
    await send(channel, 'before');
    await eventually(() => seqs.length === 2);
    await server.kill();
    await server.start();
    const { seq } = await send(channel, 'while it was away');
    await eventually(() => seqs.length === seq, { timeoutMs: 20_000 });
    expect(seqs).toEqual([1, 2, 3]);
    await eventually(() => recoveries.length === 2);
    expect(recoveries).toEqual([true, true]);
  });

  it('asks and sends by single posts, and hears its own message', async () => {
    const { channel } = await createThread(server.origin, anna, 'uplink', []);
    client = centrifugeOn(transport, server.origin, { token: anna.token });
    const subscription = client.newSubscription(channel);
    const heard = new Promise<ShownEvent>((resolve) => subscription.on('publication', ({ data }) => resolve(data as ShownEvent)));
    subscription.subscribe();
    client.connect();
    await subscription.ready();
    const { data } = await client.rpc('chat.send', { channel, command_id: `by-${transport}`, text: 'Привет, 世界 🏔' });
    expect(data).toMatchObject({ id: expect.any(String), seq: 2, ts: expect.any(Number), command_id: `by-${transport}` });
    expect(await heard).toMatchObject({ seq: 2, command_id: `by-${transport}`, data: { text: 'Привет, 世界 🏔' } });
    expect((await client.rpc('chat.send', { channel, command_id: `by-${transport}`, text: 'again' })).data).toEqual(data);
    expect((await subscription.history({ limit: 10 })).publications.map(({ offset }) => offset)).toEqual([1, 2]);
    expect(Object.values((await subscription.presence()).clients).map(({ user }) => user)).toEqual([anna.id]);
    expect(await subscription.presenceStats()).toMatchObject({ numClients: 1, numUsers: 1 });
    await expect(client.rpc('chat.fly', {})).rejects.toMatchObject({ code: 108 });
  });

  it('is told why it may not come in, and stays away', async () => {
    client = centrifugeOn(transport, server.origin, { token: 'forged' });
    const gone = new Promise<{ code: number }>((resolve) => client.on('disconnected', resolve));
    client.connect();
    expect((await gone).code).toBe(3500);
  });

  it('is sent away by a backend and does not come back', async () => {
    client = centrifugeOn(transport, server.origin, { token: anna.token });
    const gone = new Promise<{ code: number; reason: string }>((resolve) => client.on('disconnected', resolve));
    client.connect();
    await client.ready();
    await demand(server.origin, 'POST', '/api/disconnect', {
      headers: { 'x-api-key': KEY },
      body: { user: anna.id, disconnect: { code: 4501, reason: 'go' } },
    });
    expect(await gone).toMatchObject({ code: 4501, reason: 'go' });
  });
});

describe('an EventSource', () => {
  it('goes on where it was after the server was killed', async () => {
    const { channel } = await createThread(server.origin, anna, 'source', [boris]);
    const source = new EventSource(`${server.origin}/chat/events?thread_id=${channel.slice('thread:'.length)}&after=0&token=${anna.token}`);
    const seqs: number[] = [];
    source.addEventListener('message', ({ data }) => seqs.push((JSON.parse(String(data)) as ShownEvent).seq));
    await eventually(() => seqs.length === 1);
    await server.crash();
    await send(channel, 'later');
    await eventually(() => seqs.length === 2, { timeoutMs: 20_000 });
    source.close();
    expect(seqs).toEqual([1, 2]);
  });

  it('does not show its token in any line of the log', async () => {
    expect(server.log).not.toContain(anna.token);
  });

  it('that does not read is closed, and its neighbour misses nothing', async () => {
    const address = new URL(server.origin);
    const sleeper = connect(Number(address.port), address.hostname);
    await once(sleeper, 'connect');
    sleeper.on('error', () => {});
    sleeper.write(`GET /realtime/events?channel=news:flood HTTP/1.1\r\nHost: ${address.host}\r\nAuthorization: Bearer ${anna.token}\r\n\r\n`);
    await once(sleeper, 'data');
    sleeper.pause();
    const neighbour = centrifugeOn('sse', server.origin, { token: boris.token });
    const offsets: number[] = [];
    const subscription = neighbour.newSubscription('news:flood');
    subscription.on('publication', ({ offset = 0 }) => offsets.push(offset));
    subscription.subscribe();
    neighbour.connect();
    await subscription.ready();
    const text = 'x'.repeat(60_000);
    for (let n = 1; n <= 400; n++) await publish('news:flood', { n, text });
    await eventually(() => offsets.length === 400, { timeoutMs: 20_000 });
    expect(offsets).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    neighbour.disconnect();
    const closed = async (): Promise<boolean> => /veche_gateway_sessions_closed_total\{code="3008"\} [1-9]/.test(await server.metrics());
    await eventually(closed, { timeoutMs: 20_000 });
    sleeper.destroy();
  });
});

describe('rights', () => {
  it('a stranger gets nothing of a thread on any HTTP door', async () => {
    const stranger = await register(server.origin, 'stranger');
    const { channel } = await createThread(server.origin, anna, 'private', []);
    const id = channel.slice('thread:'.length);
    const { token } = stranger;
    const statuses = await Promise.all([
      call(server.origin, 'GET', `/chat/threads/${id}`, { token }),
      call(server.origin, 'GET', `/chat/threads/${id}/messages`, { token }),
      call(server.origin, 'POST', `/chat/threads/${id}/messages`, { token, body: { text: 'let me in' } }),
      call(server.origin, 'POST', `/chat/threads/${id}/typing`, { token }),
      call(server.origin, 'GET', `/chat/events?thread_id=${id}`, { token, headers: { accept: 'application/json' } }),
      call(server.origin, 'GET', `/chat/events?thread_id=${id}`, { token, headers: { accept: 'text/event-stream' } }),
      call(server.origin, 'GET', `/realtime/events?channel=user:${anna.id}`, { token, headers: { accept: 'application/json' } }),
    ]);
    for (const { status } of statuses) expect([403, 404]).toContain(status);
    expect(await call(server.origin, 'GET', `/chat/events?thread_id=${id}`)).toMatchObject({ status: 401 });
  });

  it('who is removed is cut off at once', async () => {
    const { channel } = await createThread(server.origin, anna, 'removal', [boris]);
    const id = channel.slice('thread:'.length);
    const source = await fetch(`${server.origin}/chat/events?thread_id=${id}`, { headers: { authorization: `Bearer ${boris.token}` } });
    const reader = source.body!.pipeThrough(new TextDecoderStream()).getReader();
    await demand(server.origin, 'DELETE', `/chat/threads/${id}/members/${boris.id}`, { token: anna.token });
    await send(channel, 'a secret', anna);
    let text = '';
    while (!text.includes('event: left')) text += (await reader.read()).value ?? '';
    expect(text).not.toContain('a secret');
    await reader.cancel();
    expect((await call(server.origin, 'GET', `/chat/events?thread_id=${id}`, { token: boris.token, headers: { accept: 'application/json' } })).status).toBe(
      403,
    );
  });
});
