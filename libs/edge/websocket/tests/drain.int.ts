import { connect } from 'node:net';
import { Entrance, Sessions } from '@veche/edge-realtime';
import { Metrics } from '@veche/platform-telemetry';
import { eventually, once } from '@veche/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawSocket } from './raw-socket.ts';
import { tokenOf } from './realtime-world.ts';
import { type Server, startServer } from './server.ts';

let server: Server;
afterEach(() => server.close());

const PATHS = ['/connection/websocket', '/realtime/ws'];

const connected = async (path: string): Promise<RawSocket> => {
  const socket = await RawSocket.open(`${server.url}${path}`);
  socket.say(path === PATHS[0] ? { id: 1, connect: { token: tokenOf('anna') } } : { type: 'connect', token: tokenOf('anna') });
  await eventually(() => socket.documents.length > 0);
  return socket;
};

describe('a process that drains', () => {
  beforeEach(async () => {
    server = await startServer();
  });

  it.each(PATHS)('refuses upgrades to %s with 503 and Retry-After, and serves who is there', async (path) => {
    const socket = await connected(path);
    await server.get(Entrance).drain();
    const refused = await RawSocket.refused(`${server.url}${path}`);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.headers['connection']).toBe('close');
    const asked = socket.documents.length;
    socket.say(path === PATHS[0] ? { id: 2, publish: { channel: 'free:a', data: 1 } } : { type: 'join', channel: 'free:a' });
    await eventually(() => socket.documents.length > asked, { what: 'an answer' });
    expect(socket.closed).toBeUndefined();
  });

  it.each(PATHS)('tells a session of %s to move with 3001', async (path) => {
    const socket = await connected(path);
    await server.close();
    expect(await socket.isClosed()).toEqual({ code: 3001, reason: 'shutdown' });
    server = await startServer();
  });

  it('waits two seconds for a peer that does not answer the close frame, and no longer', async () => {
    const peer = connect(server.port, '127.0.0.1');
    await once(peer, 'connect');
    peer.write(
      `GET ${PATHS[1]} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    let bytes = Buffer.alloc(0);
    peer.on('data', (more: Buffer) => (bytes = Buffer.concat([bytes, more])));
    await eventually(() => server.get(Sessions).size === 1);
    const ended = once(peer, 'close');
    const began = performance.now();
    await server.close();
    await ended;
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_900);
    expect(performance.now() - began).toBeLessThan(10_000);
    // 0x88: a close frame; 3001 is 0x0bb9.
    expect(bytes.includes(Buffer.from([0x88, 0x0a, 0x0b, 0xb9]))).toBe(true);
    server = await startServer();
  });
});

describe('a process that takes so many a second', () => {
  it('refuses the next one with 503 and Retry-After, on both paths together', async () => {
    server = await startServer({ GATEWAY_ACCEPTS_PER_SECOND: '3' });
    const attempts = await Promise.all(Array.from({ length: 12 }, (_, at) => RawSocket.attempt(`${server.url}${PATHS[at % 2]}`)));
    const inside = attempts.filter((socket) => socket !== undefined);
    // What the second brings while twelve knock comes on top.
    expect(inside.length).toBeGreaterThanOrEqual(3);
    expect(inside.length).toBeLessThan(9);
    for (const socket of inside) socket.socket.terminate();
    const page = await server.get(Metrics).render();
    expect(page.body).toContain(`veche_gateway_connections_failed_total{cause="accepts"} ${12 - inside.length}\n`);
    expect(page.body).not.toContain('cause="unavailable"');
  });
});
