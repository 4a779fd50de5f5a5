import { createHmac } from 'node:crypto';
import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, demand, type Person, register } from '../src/people.ts';
import { RawSocket } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

// What those who come from Centrifugo find: documents on a bare socket, and the calls of a backend.
const KEY = 'namespaces-key-of-16-or-more';
const SECRET = 'the secret of another issuer, 32';
const history = { history_size: 5, history_ttl: '1h' };
const NAMESPACES = [
  {
    name: 'news',
    subscribe: 'signed_in',
    publish: 'signed_in',
    read_history: 'signed_in',
    presence: true,
    join_leave: true,
    read_presence: 'signed_in',
    ...history,
  },
  { name: 'blind', subscribe: 'signed_in', publish: 'signed_in', presence: true, join_leave: true, ...history },
  { name: 'forced', subscribe: 'signed_in', publish: 'signed_in', force_recovery: true, ...history },
  { name: 'fleeting', subscribe: 'signed_in', publish: 'signed_in', read_history: 'signed_in', history_size: 100, history_ttl: '1s' },
  { name: 'live', subscribe: 'signed_in', publish: 'signed_in' },
  { name: 'token', ...history },
];

// oxlint-disable-next-line typescript/no-explicit-any -- documents of a protocol: each test asserts the shape that it looks at
type Document = Record<string, any>;

let server: Veche;
let anna: Person;
let id = 0;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  server = await startVeche({
    env: {
      AUTH_API_KEYS: `backend:${KEY}`,
      AUTH_HMAC_SECRET: SECRET,
      AUTH_LEEWAY_S: '0',
      GATEWAY_EXPIRY_GRACE_MS: '0',
      CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
      CHANNELS_DEFAULT: JSON.stringify({ subscribe: 'signed_in', publish: 'signed_in', ...history }),
      GATEWAY_MESSAGES_PER_MINUTE: '100000',
      HTTP_REQUESTS_PER_MINUTE: '100000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
    },
  });
  anna = await register(server.origin, 'anna');
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
afterAll(() => server.stop());

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function tokenOf(claims: object): string {
  const text = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims)}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const api = (method: string, body: object): Promise<Document> => demand(server.origin, 'POST', `/api/${method}`, { headers: { 'x-api-key': KEY }, body });
const publish = async (channel: string, ...items: unknown[]): Promise<void> => {
  for (const data of items) await api('publish', { channel, data });
};

async function connected(token = anna.token): Promise<RawSocket> {
  const socket = await RawSocket.open(server.origin, '/connection/websocket');
  sockets.push(socket);
  expect(await socket.ask({ id: ++id, connect: { token } })).toHaveProperty('connect.client');
  return socket;
}
const ask = (socket: RawSocket, method: string, params: object): Promise<Document> => socket.ask<Document>({ id: ++id, [method]: params });
const next = async (socket: RawSocket): Promise<Document> => JSON.parse(await socket.next()) as Document;
const offsets = (publications: { offset: number }[] = []): number[] => publications.map(({ offset }) => offset);

describe('history', () => {
  it('ends at its size at once, for clients, backends and whoever recovers, listened to or not', async () => {
    const listener = await connected();
    await ask(listener, 'subscribe', { channel: 'news:size' });
    await publish('news:size', 1, 2, 3, 4, 5, 6, 7, 8);
    const reader = await connected();
    const read = await ask(reader, 'history', { channel: 'news:size', limit: -1 });
    expect([offsets(read.history.publications), read.history.offset]).toEqual([[4, 5, 6, 7, 8], 8]);
    expect(offsets((await api('history', { channel: 'news:size', limit: 10, reverse: true })).result.publications)).toEqual([8, 7, 6, 5, 4]);
    const { subscribe: lost } = await ask(reader, 'subscribe', { channel: 'news:size', recover: true, offset: 2 });
    expect(lost).toEqual({ recoverable: true, positioned: true, epoch: read.history.epoch, offset: 8, was_recovering: true });
    await ask(reader, 'unsubscribe', { channel: 'news:size' });
    const { subscribe: found } = await ask(reader, 'subscribe', { channel: 'news:size', recover: true, offset: 3 });
    expect([found.recovered, offsets(found.publications)]).toEqual([true, [4, 5, 6, 7, 8]]);
  });

  it('ends at its time to live, and says so to whoever comes back later', async () => {
    await publish('fleeting:a', 1, 2);
    const reader = await connected();
    await eventually(async () => (await ask(reader, 'history', { channel: 'fleeting:a', limit: 10 })).history.publications.length === 0);
    const { subscribe } = await ask(reader, 'subscribe', { channel: 'fleeting:a', recover: true, offset: 1 });
    expect(subscribe).toMatchObject({ offset: 2, was_recovering: true });
    expect(subscribe.recovered).toBeUndefined();
  });

  it('is given by recovery only to those who may read it', async () => {
    await publish('blind:a', 'not for all');
    const reader = await connected();
    const { subscribe } = await ask(reader, 'subscribe', { channel: 'blind:a', recover: true, recoverable: true, positioned: true });
    expect(subscribe).toEqual({ epoch: expect.any(String), offset: 1 });
  });

  it('that is off is 108, whoever asks; a right that is missing is 103', async () => {
    const reader = await connected();
    expect((await ask(reader, 'history', { channel: 'live:a' })).error.code).toBe(108);
    expect((await ask(reader, 'presence', { channel: 'live:a' })).error.code).toBe(108);
    expect((await ask(reader, 'presence_stats', { channel: 'forced:a' })).error.code).toBe(108);
    expect((await ask(reader, 'history', { channel: 'blind:a' })).error.code).toBe(103);
    expect((await ask(reader, 'presence', { channel: 'blind:a' })).error.code).toBe(103);
  });
});

describe('joins and leaves', () => {
  it('come to whoever asks for them and may read presence, and to nobody else', async () => {
    const [entitled, blind, other] = [await connected(), await connected(), await connected()];
    await ask(entitled, 'subscribe', { channel: 'news:doors', join_leave: true });
    expect((await next(entitled)).push.join.info.user).toBe(anna.id);
    await ask(blind, 'subscribe', { channel: 'blind:doors', join_leave: true });
    for (const channel of ['blind:doors', 'news:doors']) await ask(other, 'subscribe', { channel });
    expect((await next(entitled)).push).toMatchObject({ channel: 'news:doors', join: { info: { user: anna.id } } });
    await publish('blind:doors', 'behind the join');
    expect((await next(blind)).push).toMatchObject({ channel: 'blind:doors', pub: { data: 'behind the join' } });
  });
});

describe('a subscription', () => {
  it('may be one of 128 beside the inbox; the next is refused with 106', async () => {
    const socket = await connected();
    socket.text(Array.from({ length: 129 }, (_, n) => JSON.stringify({ id: 1_000 + n, subscribe: { channel: `live:${n}` } })).join('\n'));
    const replies: Document[] = [];
    while (replies.length < 129) replies.push(await next(socket));
    expect(replies.filter(({ error }) => error)).toEqual([{ id: 1_128, error: { code: 106, message: expect.any(String) } }]);
  });

  it.each([
    ['forged', () => `${tokenOf({ sub: anna.id, channel: 'token:a' })}x`],
    ['for another channel', () => tokenOf({ sub: anna.id, channel: 'token:b' })],
    ['for another user', () => tokenOf({ sub: 'somebody', channel: 'token:a' })],
  ])('by a token that is %s ends the session with 3500', async (_, token) => {
    const socket = await connected();
    socket.send({ id: ++id, subscribe: { channel: 'token:a', token: token() } });
    expect(await socket.closed).toMatchObject({ code: 3500 });
  });

  it('by token ends with it: 2501, or goes on with a new one', async () => {
    const socket = await connected();
    const token = (exp: number) => tokenOf({ sub: anna.id, channel: 'token:a', exp });
    expect((await ask(socket, 'subscribe', { channel: 'token:a', token: token(inSeconds(-1)) })).error.code).toBe(109);
    expect((await ask(socket, 'subscribe', { channel: 'token:a', token: token(inSeconds(60)) })).subscribe).toMatchObject({
      expires: true,
      ttl: expect.any(Number),
    });
    expect((await ask(socket, 'sub_refresh', { channel: 'token:a', token: token(inSeconds(2)) })).sub_refresh).toMatchObject({ expires: true });
    expect((await next(socket)).push).toEqual({ channel: 'token:a', unsubscribe: { code: 2501, reason: 'subscription expired' } });
  });
});

describe('a backend', () => {
  it('subscribes a user with info, data and options of its own', async () => {
    const socket = await connected();
    const override = { force_recovery: { value: true }, join_leave: { value: true }, force_push_join_leave: { value: true } };
    await api('subscribe', { user: anna.id, channel: 'token:given', info: { seat: 4 }, data: { hello: 1 }, override });
    expect((await next(socket)).push).toMatchObject({ channel: 'token:given', subscribe: { recoverable: true, positioned: true, data: { hello: 1 } } });
    expect((await next(socket)).push.join.info).toMatchObject({ user: anna.id, chan_info: { seat: 4 } });
    await api('unsubscribe', { user: anna.id, channel: 'token:given' });
    expect((await next(socket)).push.unsubscribe).toEqual({ code: 2000, reason: 'server unsubscribe' });
  });

  it('publishes past the history, once per key, with tags', async () => {
    const socket = await connected();
    await ask(socket, 'subscribe', { channel: 'plainly' });
    expect((await api('publish', { channel: 'plainly', data: 1, skip_history: true })).result).toEqual({});
    expect((await next(socket)).push.pub).toEqual({ data: 1 });
    const once = { channel: 'plainly', data: 2, idempotency_key: 'k', tags: { a: 'b' } };
    expect([(await api('publish', once)).result.offset, (await api('publish', once)).result.offset]).toEqual([1, 1]);
    expect((await next(socket)).push.pub).toEqual({ data: 2, offset: 1, tags: { a: 'b' } });
  });
});

describe('a poll', () => {
  const poll = async (query: string, tag?: string): Promise<{ status: number; tag: string; seqs: number[] }> => {
    const headers = { authorization: `Bearer ${anna.token}`, accept: 'application/json', ...(tag && { 'if-none-match': tag }) };
    const answer = await fetch(`${server.origin}/realtime/events?${query}`, { headers });
    const body = answer.status === 200 ? ((await answer.json()) as Document) : { events: [] };
    return { status: answer.status, tag: answer.headers.get('etag') ?? '', seqs: (body.events ?? []).map(({ seq }: Document) => seq) };
  };

  it('of a channel without a single event goes on with its tag like any other', async () => {
    const first = await poll('channel=news:unborn');
    expect((await poll('channel=news:unborn', first.tag)).status).toBe(304);
    await publish('news:unborn', 1);
    expect(await poll('channel=news:unborn', first.tag)).toMatchObject({ status: 200, seqs: [1] });
    const several = await poll('channel=news:unborn&channel=news:other');
    expect((await poll('channel=news:unborn&channel=news:other', several.tag)).status).toBe(304);
  });

  it('whose address stands still is told with its tag what came since, or 304', async () => {
    await publish('news:still', 1, 2);
    const first = await poll('channel=news:still&after=0');
    expect(first.seqs).toEqual([1, 2]);
    expect((await poll('channel=news:still&after=0', first.tag)).status).toBe(304);
    await publish('news:still', 3);
    expect((await poll('channel=news:still&after=0', first.tag)).seqs).toEqual([3]);
  });
});

it('an uplink goes by its session, which names its process: one that nobody holds is 404', async () => {
  const stream = await fetch(`${server.origin}/connection/http_stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 1, connect: { token: anna.token } }),
  });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const { connect } = JSON.parse((await reader.read()).value ?? '') as Document;
  const uplink = async (session: string, node: string): Promise<number> =>
    (await call(server.origin, 'POST', '/emulation', { body: { session, node, data: '{}' } })).status;
  const { session, node } = connect;
  const another = session.replace(/^.{4}/, (start: string) => (start === 'AAAA' ? 'BBBB' : 'AAAA'));
  expect([await uplink(session, node), await uplink(session, 'elsewhere'), await uplink(another, node)]).toEqual([204, 204, 404]);
  await reader.cancel();
});
