import { connect } from 'node:net';
import { once } from 'node:events';
import { SignJWT, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centrifugeOn } from '../src/centrifuge-subscriber.ts';
import { call, createThread, demand, type Person, register } from '../src/people.ts';
import { CONTINUATION, frame, RawSocket, TEXT } from '../src/raw-socket.ts';
import { startStandalone } from '../src/standalone.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const API_KEY = 'bad-input-key-of-sixteen-characters';
const LIMIT = 65_536;
const V2 = '/connection/websocket';
const PLAIN = '/realtime/ws';
const NAMESPACES = JSON.stringify([{ name: 'news', history_size: 10_000, history_ttl: '1h', subscribe: 'signed_in' }]);
const ENV = {
  CHANNELS_NAMESPACES: NAMESPACES,
  AUTH_API_KEYS: `test:${API_KEY}`,
  HTTP_REQUESTS_PER_MINUTE: '100000',
  GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
  GATEWAY_CONNECT_MS: '1000',
};

let server: Veche;
let anna: Person;
let stranger: Person;
let channel: string;
let thread: string;

beforeAll(async () => {
  server = await startVeche({ env: ENV });
  [anna, stranger] = [await register(server.origin, 'anna'), await register(server.origin, 'stranger')];
  ({ channel } = await createThread(server.origin, anna, 'a thread', []));
  thread = channel.slice('thread:'.length);
});

afterAll(() => server.stop());

async function v2(token = anna.token): Promise<RawSocket> {
  const socket = await RawSocket.open(server.origin, V2);
  await socket.ask({ id: 1, connect: { token } });
  return socket;
}

const plain = (token = anna.token): Promise<RawSocket> => RawSocket.open(server.origin, PLAIN, { Authorization: `Bearer ${token}` });

/** The document padded by its text to exactly so many bytes. */
function sized(bytes: number, make: (text: string) => unknown): string {
  const empty = JSON.stringify(make('')).length;
  return JSON.stringify(make('x'.repeat(bytes - empty)));
}

const rpcSend = (text: string) => ({ id: 2, rpc: { method: 'chat.send', data: { channel, command_id: crypto.randomUUID(), text } } });
const plainSend = (text: string) => ({ type: 'send', thread, id: crypto.randomUUID(), text });
const restSend = (body: string, path = `/chat/threads/${thread}/messages`, headers: Record<string, string> = { authorization: `Bearer ${anna.token}` }) =>
  fetch(server.origin + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

describe('65,536 bytes pass and one more is refused', () => {
  it('on the Centrifugo socket', async () => {
    const socket = await v2();
    socket.text(sized(LIMIT, rpcSend));
    let reply = await socket.next();
    while (!reply.includes('"id":2')) reply = await socket.next(); // pushes of the inbox may come first
    expect(JSON.parse(reply)).toMatchObject({ id: 2, rpc: { data: { seq: expect.any(Number) } } });
    socket.text(sized(LIMIT + 1, rpcSend));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });

  it('on the plain socket', async () => {
    const socket = await plain();
    socket.text(sized(LIMIT, plainSend));
    let answer = await socket.next();
    while (!answer.includes('"ack"')) answer = await socket.next();
    socket.text(sized(LIMIT + 1, plainSend));
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });

  it('in an HTTP body', async () => {
    expect((await restSend(sized(LIMIT, (text) => ({ text })))).status).toBe(201);
    const refused = await restSend(sized(LIMIT + 1, (text) => ({ text })));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ error: { name: 'too_large' } });
  });

  it('in a call of a backend', async () => {
    const headers = { 'x-api-key': API_KEY };
    const make = (text: string) => ({ channel, data: { text } });
    expect((await restSend(sized(LIMIT, make), '/api/publish', headers)).status).toBe(200);
    expect((await restSend(sized(LIMIT + 1, make), '/api/publish', headers)).status).toBe(413);
  });

  it('in the decoded data of an emulation post', async () => {
    const stream = await openStream();
    const post = (data: string) => restSend(JSON.stringify({ session: stream.session, node: stream.node, data }), '/emulation', {});
    expect((await post(sized(LIMIT, rpcSend))).status).toBe(204);
    expect((await post(sized(LIMIT + 1, rpcSend))).status).toBe(413);
    stream.abort.abort();
  });
});

async function openStream(): Promise<{ session: string; node: string; abort: AbortController }> {
  const abort = new AbortController();
  const response = await fetch(`${server.origin}/connection/http_stream`, {
    method: 'POST',
    body: JSON.stringify({ id: 1, connect: { token: anna.token } }),
    headers: { 'content-type': 'application/json' },
    signal: abort.signal,
  });
  const { value } = (await response.body?.getReader().read()) ?? {};
  const { connect: result } = JSON.parse(
    Buffer.from(value ?? [])
      .toString()
      .split('\n')[0] ?? '',
  ) as { connect: { session: string; node: string } };
  return { session: result.session, node: result.node, abort };
}

describe('frames that no honest client sends', () => {
  for (const [name, open] of [
    ['Centrifugo', v2],
    ['plain', plain],
  ] as const) {
    it(`thousands of one-byte fragments end the ${name} socket`, async () => {
      const socket = await open();
      const fragment = frame(CONTINUATION, Buffer.from('x'), false);
      socket.write(frame(TEXT, Buffer.from('{'), false), ...Array.from({ length: 5000 }, () => fragment));
      expect([1008, 1009, 1006]).toContain((await socket.closed).code);
    });

    it(`invalid UTF-8 ends the ${name} socket`, async () => {
      const socket = await open();
      socket.write(frame(TEXT, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])));
      expect((await socket.closed).code).toBe(1007);
    });
  }

  it('invalid JSON ends the Centrifugo socket with 3501', async () => {
    const socket = await v2();
    socket.text('{"id":2,"rpc":');
    expect((await socket.closed).code).toBe(3501);
  });

  it('an unknown command ends the Centrifugo socket with 3501', async () => {
    const socket = await v2();
    socket.send({ id: 2, dance: {} });
    expect((await socket.closed).code).toBe(3501);
  });

  it('a second connect ends the Centrifugo socket with 3501', async () => {
    const socket = await v2();
    socket.send({ id: 2, connect: {} });
    expect((await socket.closed).code).toBe(3501);
  });

  it('a socket that says nothing is closed with 3502', async () => {
    const socket = await RawSocket.open(server.origin, V2);
    expect((await socket.closed).code).toBe(3502);
  });

  it('headers that never end are cut off', { timeout: 40_000 }, async () => {
    const { hostname, port } = new URL(server.origin);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write('GET /connection/websocket HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    socket.resume();
    await once(socket, 'close');
  });

  it('a client that never reads is closed and others do not notice', { timeout: 60_000 }, async () => {
    const [slow, other] = [await v2(), await v2()];
    for (const socket of [slow, other]) await socket.ask({ id: 2, subscribe: { channel: 'news:big' } });
    slow.socket.pause();
    const body = JSON.stringify({ channel: 'news:big', data: { text: 'y'.repeat(60_000) } });
    for (let sent = 1; !(await slowClosed()); sent++) {
      expect(sent, 'events before the slow session was closed').toBeLessThan(600);
      await restSend(body, '/api/publish', { 'x-api-key': API_KEY });
      let received = await other.next();
      while (!received.includes('yyy')) received = await other.next();
      expect(JSON.parse(received)).toMatchObject({ push: { pub: { offset: sent } } });
    }
    slow.destroy();
    other.destroy();
  });
});

const slowClosed = async (): Promise<boolean> => /sessions_closed_total{code="3008"} [1-9]/.test(await server.metrics());

describe('JSON that is wrong inside', () => {
  const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`;

  it('nested deeper than allowed is refused on every door', async () => {
    expect((await restSend(`{"text":${nested}}`)).status).toBe(400);
    expect((await restSend(`{"channel":"${channel}","data":${nested}}`, '/api/publish', { 'x-api-key': API_KEY })).status).toBe(400);
    const socket = await v2();
    socket.text(`{"id":2,"rpc":{"method":"chat.send","data":${nested}}}`);
    const outcome = await Promise.race([socket.next(), socket.closed]);
    expect(JSON.stringify(outcome)).toMatch(/107|3501/);
  });

  it('malformed bodies are 400 with the error form', async () => {
    for (const body of [
      '{"text":',
      '"text"',
      '[]',
      'null',
      '{"text":1}',
      '{"text":"x","surprise":1}',
      '{"text":"x","__proto__":{"a":1}}',
      '{"text":"\\ud800"}',
    ]) {
      const response = await restSend(body);
      expect(response.status, body).toBe(400);
      expect(await response.json(), body).toMatchObject({ error: { name: 'bad_request', message: expect.any(String) } });
    }
    const binary = await fetch(`${server.origin}/chat/threads/${thread}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${anna.token}` },
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    });
    expect(binary.status).toBe(400);
  });

  it('names the field that is unknown or wrong', async () => {
    const { body } = await call<{ error: { details: { path: string }[] } }>(server.origin, 'POST', `/chat/threads/${thread}/messages`, {
      token: anna.token,
      body: { text: '', surprise: 1 },
    });
    expect(body.error.details.length).toBeGreaterThanOrEqual(2);
  });

  it('unknown methods, channels and namespaces have errors of their own', async () => {
    const socket = await v2();
    expect(await socket.ask({ id: 2, rpc: { method: 'chat.fly', data: {} } })).toMatchObject({ error: { code: 108 } });
    expect(await socket.ask({ id: 3, subscribe: { channel: 'nowhere:1' } })).toMatchObject({ error: { code: 102 } });
    expect(await socket.ask({ id: 4, subscribe: { channel: 'thread:none' } })).toMatchObject({ error: { code: 103 } });
    expect(await socket.ask({ id: 5, subscribe: { channel: 'with space' } })).toMatchObject({ error: { code: expect.any(Number) } });
    expect((await call(server.origin, 'GET', '/chat/nothing', { token: anna.token })).status).toBe(404);
    socket.destroy();
  });
});

describe('tokens that are not good', () => {
  async function forged(): Promise<string> {
    const { privateKey } = await generateKeyPair('EdDSA');
    return new SignJWT({ sid: 'x' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'mine' })
      .setSubject(anna.id)
      .setIssuer('veche')
      .setAudience('veche')
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey);
  }
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"sub":"u"}`).toString('base64url')}.`;

  it('are refused alike on every door', async () => {
    for (const token of ['nonsense', none, await forged(), anna.token.slice(0, -4)]) {
      expect((await call(server.origin, 'GET', '/chat/threads', { token })).status).toBe(401);
      expect((await call(server.origin, 'GET', `/chat/events?thread_id=${thread}`, { token, headers: { accept: 'application/json' } })).status).toBe(401);
      expect((await call(server.origin, 'GET', `/chat/events?thread_id=${thread}`, { token, headers: { accept: 'text/event-stream' } })).status).toBe(401);
      const socket = await RawSocket.open(server.origin, V2);
      socket.send({ id: 1, connect: { token } });
      expect((await socket.closed).code).toBe(3500);
    }
  });

  it('missing ones are refused too', async () => {
    expect((await call(server.origin, 'GET', '/chat/threads')).status).toBe(401);
    expect((await call(server.origin, 'POST', '/api/publish', { body: { channel, data: 1 } })).status).toBe(401);
    expect((await call(server.origin, 'POST', '/api/publish', { body: { channel, data: 1 }, headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
  });
});

describe('a stranger', () => {
  it('cannot subscribe, publish, send or read history, and cannot tell a thread from none', async () => {
    const socket = await v2(stranger.token);
    for (const name of [channel, 'thread:00000000-0000-4000-8000-000000000000', `user:${anna.id}`]) {
      expect(await socket.ask({ id: 2, subscribe: { channel: name } })).toMatchObject({ error: { code: 103 } });
      expect(await socket.ask({ id: 3, publish: { channel: name, data: {} } })).toMatchObject({ error: { code: 103 } });
      expect(await socket.ask({ id: 4, history: { channel: name, limit: 10 } })).toMatchObject({ error: { code: 103 } });
      expect(await socket.ask({ id: 5, presence: { channel: name } })).toMatchObject({ error: { code: 103 } });
    }
    expect(await socket.ask({ id: 6, rpc: { method: 'chat.send', data: { channel, text: 'x' } } })).toMatchObject({ error: { code: 103 } });
    socket.destroy();
    for (const [verb, path, body] of [
      ['GET', `/chat/threads/${thread}`, undefined],
      ['GET', `/chat/threads/${thread}/messages`, undefined],
      ['GET', `/chat/threads/${thread}/members`, undefined],
      ['POST', `/chat/threads/${thread}/messages`, { text: 'x' }],
      ['PATCH', `/chat/threads/${thread}`, { title: 'mine' }],
      ['POST', `/chat/threads/${thread}/members`, { user: 'stranger' }],
      ['GET', `/chat/events?thread_id=${thread}`, undefined],
    ] as const)
      expect(
        (await call(server.origin, verb, path, { token: stranger.token, ...(body && { body }), headers: { accept: 'application/json' } })).status,
        `${verb} ${path}`,
      ).toBe(403);
  });
});

describe('more than a hundred messages in a minute', () => {
  it('the 101st is refused with the time to wait, on whatever door', async () => {
    const chatty = await register(server.origin, 'chatty');
    const own = await createThread(server.origin, chatty, 'mine', []);
    const client = centrifugeOn('websocket', server.origin, { token: chatty.token });
    client.connect();
    const send = (text: string) =>
      client.rpc('chat.send', { channel: own.channel, text }).then(
        () => 'ok',
        (error: { code: number }) => error.code,
      );
    const outcomes = await Promise.all(Array.from({ length: 101 }, (_, index) => send(`message ${index}`)));
    expect(outcomes).toContain(111);
    const { status, body } = await call<{ error: { retry_after_ms: number } }>(server.origin, 'POST', `/chat/threads/${own.channel.slice(7)}/messages`, {
      token: chatty.token,
      body: { text: 'by REST' },
    });
    expect(status).toBe(429);
    expect(body.error.retry_after_ms).toBeGreaterThan(0);
    const { messages } = await demand<{ messages: unknown[] }>(server.origin, 'GET', `/chat/threads/${own.channel.slice(7)}/messages?limit=100`, {
      token: chatty.token,
    });
    expect(messages.length).toBeLessThanOrEqual(100);
    client.disconnect();
  });
});

describe('a wrong configuration', () => {
  it('is refused at the start with every problem and what is allowed', async () => {
    // One process has every setting; several have their own each.
    const failure = await startStandalone({
      env: { GATEWAY_WS_MAX_OUTBOX: 'many', GATEWAY_WS_MAX_OUTBX: '5', VECHE_PORT: '99999999', CHANNELS_NAMESPACES: '{' },
    }).then(
      () => '',
      (error: Error) => error.message,
    );
    for (const name of ['GATEWAY_WS_MAX_OUTBOX', 'GATEWAY_WS_MAX_OUTBX', 'VECHE_PORT', 'CHANNELS_NAMESPACES']) expect(failure).toContain(name);
  });
});

// Last: it looks back on everything above.
describe('after all of it', () => {
  it('nothing was unhandled and nothing was answered with 5xx', async () => {
    expect(server.log).not.toMatch(/unhandled|uncaught/i);
    const metrics = await server.metrics();
    expect(metrics).not.toMatch(/status="5\d\d"[^\n]* [1-9]/);
  });
});
