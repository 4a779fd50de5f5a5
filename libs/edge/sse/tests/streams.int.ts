import { DISCONNECTS, MAX_MESSAGE_BYTES, VecheError } from '@veche/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { releaseWorks } from '../src/stream/parser-release.ts';
import { errorOf, RawClient, serve, type Served } from './doors.ts';

const CONNECT = '{"id":1,"connect":{}}';
let served: Served;
afterEach(() => served.stop());

test('parsers can be given back on this Node', async () => {
  served = await serve();
  expect(await releaseWorks()).toBe(true);
});

describe.each([true, false])('parser given back: %s', (release) => {
  beforeEach(async () => {
    served = await serve({ release });
  });

  test('an HTTP stream opens at once, hears the connect, carries bytes as they are, and ends when told', async () => {
    const client = await RawClient.to(served.port);
    client.post('/connection/http_stream', CONNECT);
    const session = await served.doors.nth(0);
    await served.doors.until(() => session.frames.length > 0);
    const head = await client.until('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    for (const header of ['Cache-Control: no-store, no-transform', 'X-Accel-Buffering: no', 'Content-Type: application/json; charset=utf-8', 'Vary: Origin'])
      expect(head).toContain(`\r\n${header}\r\n`);
    expect(session.frames).toEqual([CONNECT]);
    expect([session.transport.framing, session.transport.door]).toEqual(['line', 'http_stream']);
    session.transport.write(Buffer.from('{"id":1}\n'));
    await client.until('{"id":1}\n');
    await new Promise(setImmediate);
    session.transport.write(Buffer.from('{"id":2}\n'));
    expect((await client.until('{"id":2}\n')).split('\r\n\r\n')[1]).toBe('{"id":1}\n{"id":2}\n');
    session.transport.close(DISCONNECTS.shutdown);
    await client.closed();
    await served.doors.until(() => session.goneTimes > 0);
    expect(session.goneTimes).toBe(1);
  });

  test('the end of a peer is heard, whether it says goodbye or not', async () => {
    for (const [index, leave] of [(client: RawClient) => client.socket.end(), (client: RawClient) => client.socket.resetAndDestroy()].entries()) {
      const client = await RawClient.to(served.port);
      client.get(`/connection/sse?cf_connect=${encodeURIComponent(CONNECT)}`);
      const session = await served.doors.nth(index);
      await client.until('\r\n\r\n');
      leave(client);
      await served.doors.until(() => session.goneTimes > 0);
      expect(session.goneTimes).toBe(1);
      session.transport.write(Buffer.from('into the void'));
    }
  });

  test('a peer that does not read is counted exactly, and is destroyed soon after its end', async () => {
    const client = await RawClient.to(served.port);
    client.get('/realtime/events?channel=a');
    const { transport } = await served.doors.nth(0);
    await client.until('\r\n\r\n');
    client.socket.pause();
    const chunk = Buffer.alloc(65_536, 'x');
    let written = 0;
    while (transport.waitingFrames < 10) {
      transport.write(chunk);
      written++;
      await new Promise(setImmediate);
    }
    expect(transport.waitingFrames).toBeGreaterThanOrEqual(10);
    expect(transport.waitingBytes).toBeGreaterThan(9 * chunk.length);
    expect(written).toBeGreaterThan(10);
    const before = performance.now();
    transport.close(DISCONNECTS.slow);
    const session = await served.doors.nth(0);
    await served.doors.until(() => session.goneTimes > 0);
    expect(performance.now() - before).toBeLessThan(1_000);
    client.socket.destroy();
  });

  test('once the peer reads again nothing is waiting', async () => {
    const client = await RawClient.to(served.port);
    client.get('/realtime/events?channel=a');
    const { transport } = await served.doors.nth(0);
    await client.until('\r\n\r\n');
    client.socket.pause();
    while (transport.waitingFrames < 3) {
      transport.write(Buffer.alloc(65_536, 'x'));
      await new Promise(setImmediate);
    }
    client.socket.resume();
    transport.write(Buffer.from('end of it'));
    await client.until('end of it');
    expect([transport.waitingFrames, transport.waitingBytes]).toEqual([0, 0]);
  });
});

describe('hostile streams', () => {
  beforeEach(async () => {
    served = await serve();
  });

  test('a peer that goes on sending is cut off', async () => {
    const client = await RawClient.to(served.port);
    client.get('/realtime/events?channel=a');
    await client.until('\r\n\r\n');
    await new Promise(setImmediate);
    client.send('x'.repeat(1_000));
    await client.closed();
  });

  test('a second stream pipelined onto a socket is not opened', async () => {
    const client = await RawClient.to(served.port);
    client.send('GET /realtime/events?channel=a HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
    await client.until('\r\n\r\n');
    const session = await served.doors.nth(0);
    client.socket.destroy();
    await served.doors.until(() => session.goneTimes > 0);
    expect(served.doors.opened).toHaveLength(1);
  });

  test('a peer that goes while it is let in leaves nothing behind', async () => {
    const gate = Promise.withResolvers<void>();
    served.doors.gate = gate.promise;
    const client = await RawClient.to(served.port);
    client.get('/realtime/events?channel=a');
    const closed = new Promise<void>((resolve) => served.server.server.once('connection', (socket) => socket.once('close', resolve)));
    const second = await RawClient.to(served.port);
    second.get('/realtime/events?channel=b');
    second.socket.destroy();
    await closed;
    gate.resolve();
    await served.doors.until(() => served.doors.opened.length === 2 && served.doors.opened.some(({ goneTimes }) => goneTimes > 0));
    expect(served.doors.opened.find(({ requests }) => requests?.[0]?.channel === 'b')?.goneTimes).toBe(1);
  });

  const post = (path: string, body: string | Buffer, headers = {}) =>
    fetch(`${served.url}${path}`, { method: 'POST', body: body as string, headers: { 'content-type': 'application/json', ...headers } });

  test.each(['/connection/http_stream', '/connection/sse'])('%s takes 65,536 bytes and no more', async (path) => {
    const open = await post(path, 'x'.repeat(MAX_MESSAGE_BYTES));
    expect(open.status).toBe(200);
    await open.body?.cancel();
    expect((await post(path, 'x'.repeat(MAX_MESSAGE_BYTES + 1))).status).toBe(413);
  });

  test.each([
    ['an empty body', '/connection/http_stream', ''],
    ['no connect command', '/connection/sse', ''],
    ['invalid UTF-8', '/connection/http_stream', Buffer.from([0x7b, 0xff])],
    ['Protobuf', '/connection/http_stream?cf_protocol=protobuf', CONNECT],
    ['version 1', '/connection/http_stream?cf_protocol_version=v1', CONNECT],
  ])('%s is 400 and opens nothing', async (_what, path, body) => {
    expect((await post(path, body)).status).toBe(400);
    expect(served.doors.opened).toHaveLength(0);
  });

  test('a core that refuses is an ordinary answer', async () => {
    served.doors.refusal = new VecheError('unavailable', 'full', [], 2_000);
    for (const answer of [await post('/connection/http_stream', CONNECT), await fetch(`${served.url}/realtime/events?channel=a`)]) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      expect((await errorOf(answer)).name).toBe('unavailable');
    }
  });

  test('too many handshakes of an address are 429 with the wait', async () => {
    served.waitMs = 5_000;
    const answer = await post('/connection/http_stream', CONNECT);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '5']);
    expect((await fetch(`${served.url}/chat/events?thread_id=1`)).status).toBe(429);
  });

  test('a page of another origin gets nothing, of a listed one everything', async () => {
    await served.stop();
    served = await serve({ origins: ['https://app.example.com'] });
    for (const path of ['/connection/http_stream', '/emulation']) expect((await post(path, CONNECT, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await fetch(`${served.url}/realtime/events?channel=a`, { headers: { origin: 'null' } })).status).toBe(403);
    const preflight = await fetch(`${served.url}/emulation`, { method: 'OPTIONS', headers: { origin: 'https://app.example.com' } });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods'), preflight.headers.get('access-control-max-age')]).toEqual([
      204,
      'POST, OPTIONS',
      '300',
    ]);
    const open = await post('/connection/http_stream', CONNECT, { origin: 'https://app.example.com' });
    expect(open.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    await open.body?.cancel();
  });
});

describe('the uplink', () => {
  beforeEach(async () => {
    served = await serve();
  });
  const uplink = (body: string) => fetch(`${served.url}/emulation`, { method: 'POST', body });

  test('brings commands to the session and is answered without a body', async () => {
    const answer = await uplink(JSON.stringify({ session: 'known', node: 'gw-1', data: '{"id":2}\n{"id":3}' }));
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(served.doors.uplinks[0]).toMatchObject({ data: '{"id":2}\n{"id":3}', peer: { address: '127.0.0.1' } });
  });

  test('of a session that is not here is 404, so that the client connects again', async () => {
    expect((await uplink(JSON.stringify({ session: 'other', node: 'gw-1', data: '{}' }))).status).toBe(404);
  });

  test('takes 65,536 bytes of commands however they are written, and no more', async () => {
    const send = async (data: string): Promise<number> => (await uplink(JSON.stringify({ session: 'known', node: 'gw-1', data }))).status;
    expect(await send('\u0001'.repeat(MAX_MESSAGE_BYTES))).toBe(204);
    expect(served.doors.uplinks[0]?.data).toHaveLength(MAX_MESSAGE_BYTES);
    expect(await send('"'.repeat(MAX_MESSAGE_BYTES))).toBe(204);
    expect(await send('x'.repeat(MAX_MESSAGE_BYTES + 1))).toBe(413);
    expect(await send('ä'.repeat(MAX_MESSAGE_BYTES / 2))).toBe(204);
    expect(await send(`${'ä'.repeat(MAX_MESSAGE_BYTES / 2)}x`)).toBe(413);
    expect(served.doors.uplinks).toHaveLength(3);
  });

  test.each(['', '{', '[]', 'null', '{"session":"known","data":5}', '{"session":"","data":""}', '{"data":""}', `{"session":"${'s'.repeat(300)}","data":""}`])(
    '%.40j is 400',
    async (body) => {
      expect((await uplink(body)).status).toBe(400);
    },
  );
});
