import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, once } from '@veche/testing';
import { Sessions } from '@veche/edge-realtime';
import { RawSocket } from './raw-socket.ts';
import { type Server, startServer } from './server.ts';
import { tokenOf } from './realtime-world.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer({ DOORS_QUERY_TOKEN: 'true', HTTP_ALLOWED_ORIGINS: 'https://app.example.com' });
});
afterAll(() => server.close());

const v2 = (): string => `${server.url}/connection/websocket`;
const connected = async (user = 'anna'): Promise<RawSocket> => {
  const socket = await RawSocket.open(v2());
  socket.say({ id: 1, connect: { token: tokenOf(user) } });
  await socket.hears(({ id }) => id === 1);
  return socket;
};

describe('the handshake', () => {
  it('echoes centrifuge-json and speaks without a subprotocol too', async () => {
    const named = await RawSocket.open(v2(), {}, ['centrifuge-json']);
    expect(named.socket.protocol).toBe('centrifuge-json');
    const unnamed = await RawSocket.open(v2());
    expect(unnamed.socket.protocol).toBe('');
    named.socket.close();
    unnamed.socket.close();
  });

  it.each([
    ['Protobuf as a subprotocol', '', {}, ['centrifuge-protobuf'], 400],
    ['Protobuf in the query', '?format=protobuf', {}, [], 400],
    ['version 1 of the protocol', '?cf_protocol_version=v1', {}, [], 400],
    ['a page of another origin', '', { origin: 'https://evil.example.com' }, [], 403],
    ['an origin with our own as a suffix', '', { origin: 'https://evil-app.example.com' }, [], 403],
    ['the null origin', '', { origin: 'null' }, [], 403],
  ] as const)('refuses %s', async (_what, query, options, protocols, status) => {
    const refused = await RawSocket.refused(v2() + query, options, [...protocols]);
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.body)).toHaveProperty('error.message');
  });

  it('takes a page of an allowed origin, and of its own', async () => {
    for (const origin of ['https://app.example.com', `http://127.0.0.1:${server.port}`]) (await RawSocket.open(v2(), { origin })).socket.close();
  });

  it('answers 404 where no door is', async () => {
    expect((await RawSocket.refused(`${server.url}/nowhere`)).status).toBe(404);
  });

  it('answers hello at once to whoever asks', async () => {
    const socket = await RawSocket.open(`${v2()}?hello=1`);
    await socket.hears((document) => Object.keys(document).length === 0);
    socket.socket.close();
  });
});

describe('bounds', () => {
  it('takes a message of 65,536 bytes and closes at one more', async () => {
    const command = (bytes: number): string => {
      const empty = JSON.stringify({ id: 2, publish: { channel: 'free:a', data: '' } });
      return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
    };
    const socket = await connected();
    socket.say(command(65_536));
    expect(await socket.hears(({ id }) => id === 2)).toEqual({ id: 2, publish: {} });
    socket.say(command(65_537));
    expect((await socket.isClosed()).code).toBe(1009);
  });

  it('closes on thousands of one-byte fragments', async () => {
    const socket = await connected();
    for (let n = 0; n < 5_000; n++) socket.socket.send('x', { fin: false });
    expect((await socket.isClosed()).code).toBeGreaterThanOrEqual(1006);
  });

  it('closes on invalid UTF-8', async () => {
    const socket = await connected();
    socket.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
    expect((await socket.isClosed()).code).toBe(1007);
  });

  it('closes a session that says nothing', async () => {
    const quick = await startServer({ GATEWAY_CONNECT_MS: '200' });
    const socket = await RawSocket.open(`${quick.url}/connection/websocket`);
    expect(await socket.isClosed(2_000)).toEqual({ code: 3502, reason: 'stale' });
    await quick.close();
  });

  it('pings, and closes whoever does not answer', async () => {
    const quick = await startServer({ GATEWAY_PING_MS: '1000', GATEWAY_PONG_MS: '500' });
    const socket = await RawSocket.open(`${quick.url}/connection/websocket`);
    socket.say({ id: 1, connect: { token: tokenOf('anna') } });
    await socket.hears((document) => Object.keys(document).length === 0);
    expect((await socket.isClosed(3_000)).code).toBe(3012);
    await quick.close();
  });

  it.each(['chat:flood', 'free:flood'])('a client that never reads %s is closed or spared, and its neighbour hears all', async (channel) => {
    const own = await startServer();
    const join = async (user: string): Promise<RawSocket> => {
      const socket = await RawSocket.open(`${own.url}/connection/websocket`);
      socket.socket.on('message', (data: Buffer) => data.length === 2 && socket.say('{}'));
      socket.say(`{"id":1,"connect":{"token":"${tokenOf(user)}"}}\n{"id":2,"subscribe":{"channel":"${channel}"}}`);
      await socket.hears(({ id }) => id === 2);
      return socket;
    };
    const neighbour = await join('bo');
    const deaf = await join('carl');
    deaf.socket.pause();
    const data = JSON.stringify('x'.repeat(16_000));
    const total = 1_000;
    const pubs = (): number => neighbour.documents.filter(({ push }) => push?.pub).length;
    for (let n = 0; n < total; n++) {
      if (channel === 'free:flood') own.bus.signal([{ channel, kind: 'channel.published-signal.v1', actor: '', data, meta: null }]);
      else await own.bus.happen(channel, { data });
      // Paced by the neighbour: a burst would be the fault of the test, and signals of a burst are left out for whoever is behind.
      if (n % 3 === 0) await eventually(() => pubs() > n - 3, { what: 'the neighbour keeps up' });
    }
    await eventually(() => pubs() === total, { what: 'all of the neighbour' });
    const heard = own.get(Sessions).size;
    // Events may not be left out, so the one who does not take them goes; signals are left out, so it may stay.
    expect(heard).toBe(channel === 'chat:flood' ? 1 : 2);
    await own.close();
  });
});

describe('a request that is no upgrade', () => {
  it.each(['/connection/websocket', '/realtime/ws'])('of %s is told so with 426', async (path) => {
    const own = await startServer();
    const response = await fetch(`${own.url.replace('ws', 'http')}${path}`);
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
    expect(await response.json()).toMatchObject({ error: { name: 'bad_request', message: expect.stringContaining('WebSocket') } });
    await own.close();
  });
});

describe('pings', () => {
  it('are WebSocket frames for whoever asks for them', async () => {
    const quick = await startServer({ GATEWAY_PING_MS: '1000', GATEWAY_PONG_MS: '500' });
    const socket = await RawSocket.open(`${quick.url}/connection/websocket?cf_ws_frame_ping_pong=true`);
    const pings = [once(socket.socket, 'ping')];
    socket.say({ id: 1, connect: { token: tokenOf('anna') } });
    const { connect: result } = await socket.hears(({ id }) => id === 1);
    expect(result).not.toHaveProperty('ping');
    await Promise.all(pings);
    // The second comes only to somebody whose answer to the first was counted.
    await once(socket.socket, 'ping');
    expect(socket.closed).toBeUndefined();
    await quick.close();
  });
});

describe('limits of sessions', () => {
  it('close the one above the limit of the process, and of its user', async () => {
    const small = await startServer({ GATEWAY_MAX_SESSIONS: '2', GATEWAY_MAX_SESSIONS_PER_USER: '1' });
    const join = async (): Promise<RawSocket> => {
      const socket = await RawSocket.open(`${small.url}/connection/websocket`);
      if (!socket.closed) socket.say({ id: 1, connect: { token: tokenOf('anna') } });
      return socket;
    };
    await (await join()).hears(({ id }) => id === 1);
    expect((await (await join()).isClosed()).code).toBe(3504);
    await eventually(() => small.get(Sessions).size === 1);
    await RawSocket.open(`${small.url}/realtime/ws`);
    const third = await RawSocket.open(`${small.url}/realtime/ws`);
    expect((await third.isClosed()).code).toBe(3504);
    await small.close();
  });

  it('refuse the address that has too many', async () => {
    const small = await startServer({ GATEWAY_MAX_SESSIONS_PER_ADDRESS: '1' });
    await RawSocket.open(`${small.url}/connection/websocket`);
    expect((await RawSocket.refused(`${small.url}/connection/websocket`)).status).toBe(429);
    await small.close();
  });
});

describe('limits of an address', () => {
  it('lets ten reconnects a minute pass and refuses the next with 429 and Retry-After', async () => {
    const strict = await startServer({ GATEWAY_RECONNECT_ALLOW: '' });
    const url = `${strict.url}/connection/websocket`;
    for (let n = 0; n < 11; n++) {
      const socket = await RawSocket.open(url);
      socket.socket.close();
      await once(socket.socket, 'close');
      await eventually(() => strict.get(Sessions).size === 0);
    }
    const refused = await RawSocket.refused(url);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    await strict.close();
  });
});

describe('a rude peer', () => {
  it('that resets in the middle of the handshake harms nobody', async () => {
    for (let n = 0; n < 20; n++) {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write('GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.resetAndDestroy();
    }
    (await connected()).socket.close();
  });
});
