import fs from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { RawSocket } from './raw-socket.ts';
import { tokenOf } from './realtime-world.ts';
import { startServer } from './server.ts';

afterEach(() => vi.restoreAllMocks());

it('writes no credential into a log line, whichever way it came and however it was refused', async () => {
  const written: string[] = [];
  // The logger writes synchronously to standard output, by this function.
  vi.spyOn(fs, 'writeSync').mockImplementation(
    ((_fd: number, text: string | Buffer) => written.push(String(text)) && String(text).length) as typeof fs.writeSync,
  );
  const server = await startServer({ LOG_LEVEL: 'trace', GATEWAY_RECONNECT_ALLOW: '' });
  const good = tokenOf('canary');
  const bad = `${good.slice(0, -4)}AAAA`;
  for (const token of [good, bad, 'canary-of-no-form']) {
    await visit(`${server.url}/connection/websocket`, [{ id: 1, connect: { token } }, '{"id":']);
    await visit(`${server.url}/connection/websocket?token=${token}`, []);
    await visit(`${server.url}/realtime/ws?token=${token}`, ['nonsense', '{"type":"dance"}']);
    await visit(`${server.url}/realtime/ws`, [{ type: 'connect', token }, '{"type":"dance"}']);
    await visit(`${server.url}/nowhere?token=${token}`, []);
    await visit(`${server.url}/connection/websocket?format=protobuf&token=${token}`, []);
  }
  await server.close();
  const log = written.join('');
  expect(log.length).toBeGreaterThan(100);
  for (const secret of [good, bad, good.split('.')[2]!, 'canary']) expect(log).not.toContain(secret);
});

async function visit(url: string, messages: readonly unknown[]): Promise<void> {
  const socket = await RawSocket.attempt(url);
  if (!socket) return;
  for (const message of messages) socket.say(message);
  socket.socket.close();
  await socket.isClosed();
}
