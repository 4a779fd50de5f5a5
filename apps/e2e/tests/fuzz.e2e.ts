import { OPERATIONS } from '@veche/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { garble, mutate, odd, pick, type Random, randomOf } from '../src/mutations.ts';
import { demand } from '../src/people.ts';
import { frame, RawSocket, TEXT } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';
import { StreamSocket } from '../src/stream-socket.ts';
import { hmacToken } from '../src/tokens.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20261121);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2_000);
const SECRET = 'the secret of the issuer of this test';
const KEY = 'key-of-the-fuzz-test-0123';
/** Of a stack, a statement or a host: what no body may show. */
const INSIDE = /\bat [\w.<>]+ \(|node_modules|\/dist\/|\.ts:\d|\bSELECT\b|\bINSERT INTO\b|relation "|syntax error at|127\.0\.0\.1:5|ECONN/;

let server: Veche;
let channel: string;
let message: string;
const token = hmacToken(SECRET, { sub: 'anna' });

beforeAll(async () => {
  server = await startVeche({
    env: {
      AUTH_HMAC_SECRET: SECRET,
      AUTH_API_KEYS: `test:${KEY}`,
      OPERATIONS_FOREIGN_USERS: 'true',
      GATEWAY_MESSAGES_PER_MINUTE: '1000000',
      HTTP_REQUESTS_PER_MINUTE: '1000000',
      GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
      CHANNELS_NAMESPACES: JSON.stringify([
        {
          name: 'open',
          subscribe: 'anyone',
          publish: 'anyone',
          read_history: 'anyone',
          read_presence: 'anyone',
          presence: true,
          history_size: 10,
          history_ttl: '1h',
        },
      ]),
    },
  });
  ({ channel } = await demand<{ channel: string }>(server.origin, 'POST', '/chat/threads', { token, body: { title: 'fuzzed', members: ['bo'] } }));
  ({ id: message } = await demand<{ id: string }>(server.origin, 'POST', `/chat/threads/${channel.slice(7)}/messages`, { token, body: { text: 'hello' } }));
});

afterAll(async () => {
  expect(server.log).not.toMatch(/unhandled|uncaught/i);
  // What is ours to have foreseen is logged as an error.
  expect(server.log.split('\n').filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
  expect(await server.metrics()).not.toMatch(/status="5\d\d"[^\n]* [1-9]/);
  await server.stop();
});

const params = (): Record<string, unknown> => ({
  channel,
  message_id: message,
  user: 'bo',
  text: 'x',
  title: 't',
  role: 'member',
  reaction: '👍',
  seq: 1,
  members: ['bo'],
  prefix: 'a',
  limit: 10,
  after: 1,
});
const API = [
  'publish',
  'broadcast',
  'subscribe',
  'unsubscribe',
  'disconnect',
  'refresh',
  'presence',
  'presence_stats',
  'history',
  'history_remove',
  'channels',
  'info',
  'rpc',
  'batch',
  '',
];
const apiParams = (): Record<string, unknown> => ({
  channel: 'open:a',
  channels: ['open:a', channel],
  data: { a: 1 },
  b64data: 'eyJhIjoxfQ==',
  user: 'cy',
  client: 'x',
  limit: 10,
  since: { offset: 1, epoch: 'e' },
  pattern: 'op*',
  method: 'info',
  params: {},
  commands: [{ publish: { channel: 'open:a', data: 1 } }],
  disconnect: { code: 3000, reason: 'r' },
  tags: { a: 'b' },
});
const V2 = ['subscribe', 'unsubscribe', 'publish', 'presence', 'presence_stats', 'history', 'rpc', 'refresh', 'sub_refresh', 'ping', 'send', 'connect'];
const PLAIN = ['join', 'leave', 'send', 'rpc', 'typing', 'publish', 'history', 'ping', 'connect'];

interface Shot {
  readonly what: string;
  readonly path: string;
  readonly init: RequestInit;
}

function rest(random: Random): Shot {
  const { route } = pick(random, Object.values(OPERATIONS));
  const path = route.path.replaceAll(/:(\w+)/g, (_, key: string) =>
    encodeURI(String(random() < 0.7 ? (key === 'thread' ? channel.slice(7) : params()[key]) : odd('x', random))),
  );
  const query = random() < 0.4 ? `?${pick(random, ['limit', 'after', 'before', 'prefix', 'ids', 'surprise'])}=${encodeURIComponent(odd('1', random))}` : '';
  const verb = random() < 0.9 ? route.verb : pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']);
  const headers: Record<string, string> = {
    'content-type': pick(random, ['application/json', 'application/json', 'application/json', 'text/plain', '']),
    authorization: `Bearer ${random() < 0.95 ? token : 'x.y.z'}`,
  };
  if (random() < 0.2) headers['idempotency-key'] = pick(random, ['a', 'x'.repeat(65), '%00', 'é', ' ']).replace('é', '\u00e9');
  return shot(
    `${verb} ${path}`,
    path + query,
    { method: verb, headers },
    verb === 'GET' || verb === 'OPTIONS' ? undefined : garble(JSON.stringify(mutate(params(), random)), random),
  );
}

function api(random: Random): Shot {
  const path = `/api${random() < 0.9 ? `/${pick(random, API)}` : ''}`.replace(/\/$/, '');
  return shot(`POST ${path}`, path, { method: 'POST', headers: { 'x-api-key': KEY } }, garble(JSON.stringify(mutate(apiParams(), random)), random));
}

function events(random: Random): Shot {
  const name = pick(random, ['channel', 'thread_id', 'after', 'limit', 'ticket', 'token', 'cf_connect']);
  const path = `${pick(random, ['/realtime/events', '/chat/events', '/connection/sse', '/auth/me', '/openapi.json', '/files/x'])}?${name}=${encodeURIComponent(odd(channel, random))}&channel=open:a`;
  const headers = {
    accept: pick(random, ['application/json', 'text/event-stream', '*/*', '']),
    authorization: `Bearer ${token}`,
    'last-event-id': pick(random, ['', '1', 'e:1', 'x'.repeat(2_000), '-1', 'open%3Aa=e:1']),
  };
  return shot(`GET ${path}`, path, { headers }, undefined);
}

function auth(random: Random): Shot {
  const path = `/auth/${pick(random, ['register', 'token', 'refresh', 'logout', 'ticket'])}`;
  const body = { login: 'somebody', password: 'short', refresh_token: 'x', name: 'n' };
  return shot(`POST ${path}`, path, { method: 'POST', headers: { 'content-type': 'application/json' } }, garble(JSON.stringify(mutate(body, random)), random));
}

function emulation(random: Random, session: { session: string; node: string }): Shot {
  const data = garble(v2Frame(random), random).toString();
  return shot(
    'POST /emulation',
    '/emulation',
    { method: 'POST' },
    garble(JSON.stringify(random() < 0.7 ? { ...session, data } : mutate({ ...session, data }, random)), random),
  );
}

const shot = (what: string, path: string, init: RequestInit, body: Buffer | undefined): Shot => ({
  what,
  path,
  init: { ...init, ...(body && { body: new Uint8Array(body) }) },
});

const v2Frame = (random: Random): string => {
  const method = pick(random, V2);
  const fields = {
    channel: pick(random, [channel, 'open:a', 'open:b']),
    data: { a: 1 },
    limit: 5,
    since: { offset: 1, epoch: 'e' },
    recover: true,
    offset: 1,
    epoch: 'e',
    token: 'x',
    method: 'chat.send',
  };
  return JSON.stringify(
    mutate(
      {
        id: Math.floor(random() * 1e6),
        [method]: method === 'rpc' ? { method: pick(random, Object.keys(OPERATIONS)), data: mutate(params(), random) } : fields,
      },
      random,
    ),
  );
};
const plainFrame = (random: Random): string =>
  JSON.stringify(
    mutate(
      {
        type: pick(random, PLAIN),
        id: 7,
        channel: pick(random, [channel, 'open:a']),
        data: { a: 1 },
        text: 'x',
        method: pick(random, Object.keys(OPERATIONS)),
        after: 1,
        limit: 5,
        reverse: true,
      },
      random,
    ),
  );

async function fire({ what, path, init }: Shot): Promise<void> {
  const abort = new AbortController();
  const hang = setTimeout(() => abort.abort(new Error(`hangs: ${what}`)), 8_000);
  const response = await fetch(server.origin + path, { ...init, signal: abort.signal, redirect: 'manual' });
  const streams = response.ok && /event-stream/.test(response.headers.get('content-type') ?? '');
  const text = streams ? '' : await response.text();
  clearTimeout(hang);
  if (streams) abort.abort();
  expect(response.status, `${what}: ${text.slice(0, 300)}`).toBeLessThan(500);
  expect(text, what).not.toMatch(INSIDE);
  expect(response.headers.get('x-content-type-options'), what).toBe('nosniff');
}

/** Frames into sockets, each replaced when it was closed; a ping behind each frame proves that the server goes on. */
async function storm(path: string, hello: object, frameOf: (random: Random) => string, random: Random, count: number): Promise<void> {
  let socket = await open(path, hello);
  for (let n = 0; n < count; n++) {
    const text = garble(frameOf(random), random);
    socket.write(frame(TEXT, text.subarray(0, 65_000)));
    const mark = `mark-${n}`;
    socket.send(path === '/realtime/ws' ? { type: 'ping', id: mark } : { id: 900_000_000 + n, ping: {} });
    const ended = socket.closed;
    for (;;) {
      const heard = await within(Promise.race([socket.next(), ended]), `${path}: ${text.toString().slice(0, 300)}`);
      if (typeof heard !== 'string') {
        expect(heard.code, text.toString().slice(0, 300)).not.toBe(3004);
        socket = await open(path, hello);
        break;
      }
      expect(heard).not.toMatch(INSIDE);
      expect(heard, text.toString().slice(0, 300)).not.toMatch(/"error":\{"code":100,/);
      if (heard.includes(mark) || heard.includes(`"id":${900_000_000 + n}`)) break;
    }
  }
  socket.destroy();
}

async function open(path: string, hello: object): Promise<RawSocket> {
  const socket = await RawSocket.open(server.origin, path);
  await socket.ask(hello);
  return socket;
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`hangs: ${what}`)), 8_000)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

describe(`${REQUESTS} requests of seed ${SEED} end in words: no crash, no 5xx, no hang, nothing of the inside shown`, () => {
  it.each([
    ['REST', rest],
    ['the API of backends', api],
    ['streams and pages', events],
    ['sign-in', auth],
  ] as const)('%s', { timeout: 300_000 }, async (_, make) => {
    const random = randomOf(SEED);
    for (let n = 0; n < REQUESTS / 6; n++) await fire(make(random));
  });

  it('emulation', { timeout: 300_000 }, async () => {
    const random = randomOf(SEED + 1);
    for (let n = 0; n < REQUESTS / 6;) {
      const stream = await StreamSocket.open(server.origin, { token });
      for (let m = 0; m < 20; m++, n++) await fire(emulation(random, stream.address));
      stream.destroy();
    }
  });

  it('the Centrifugo socket', { timeout: 300_000 }, () =>
    storm('/connection/websocket', { id: 1, connect: { token } }, v2Frame, randomOf(SEED + 2), REQUESTS / 6),
  );
  it('the plain socket', { timeout: 300_000 }, () => storm('/realtime/ws', { type: 'connect', token }, plainFrame, randomOf(SEED + 3), REQUESTS / 6));
});
