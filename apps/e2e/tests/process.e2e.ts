import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createDatabase, once } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createThread, register } from '../src/people.ts';
import { type Standalone, startStandalone } from '../src/standalone.ts';

const SERVER = fileURLToPath(new URL('../../standalone/dist/main.js', import.meta.url));

/** Runs the server with these settings until it ends by itself. */
async function ended(env: Record<string, string>): Promise<{ readonly code: number | null; readonly words: string }> {
  const child = spawn(process.execPath, [SERVER], { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (words += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, words };
}

const json = async (url: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('the process', () => {
  let server: Standalone;

  beforeAll(async () => {
    server = await startStandalone();
  });

  afterAll(() => server.stop());

  it('says that it is alive and ready, with reasons', async () => {
    expect(await json(`${server.privateOrigin}/health/live`)).toEqual({ status: 200, body: { status: 'ok' } });
    const ready = await json(`${server.privateOrigin}/health/ready`);
    expect(ready).toMatchObject({ status: 200, body: { status: 'ok', info: { database: { status: 'up' } } } });
  });

  it('shows its metrics on the private port only, event loop lag among them', async () => {
    const page = await (await fetch(`${server.privateOrigin}/metrics`)).text();
    expect(page).toContain('nodejs_eventloop_lag_seconds');
    expect(page).toContain('veche_messaging_acks_total');
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(404);
  });

  it('refuses an unknown address in the form of every other error', async () => {
    expect(await json(`${server.origin}/chat/nothing/here`)).toMatchObject({
      status: 404,
      body: { error: { code: 404, name: 'not_found', retryable: false } },
    });
  });

  it('does not start beside another on the same port, and says which setting to change', async () => {
    const port = new URL(server.origin).port;
    const { code, words } = await ended({ PG_URL: server.database.url, VECHE_PORT: port, VECHE_PRIVATE_PORT: '0' });
    expect(code).toBe(1);
    expect(words).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(words).toContain('VECHE_PORT');
  });

  it('is back on its ports after a SIGKILL', async () => {
    const before = server.pid;
    await server.crash();
    expect(server.pid).not.toBe(before);
    expect((await json(`${server.privateOrigin}/health/ready`)).status).toBe(200);
  });

  it('ends by itself with code 0 when asked to stop, idle connections or not', async () => {
    await fetch(`${server.origin}/nothing`);
    expect(await server.terminate()).toBe(0);
    await server.start();
  });

  it('tells open sockets and streams to move and ends with code 0', async () => {
    const person = await register(server.origin, 'mover');
    const thread = await createThread(server.origin, person, 'a thread', []);
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${person.token}` } });
    await once(socket, 'open');
    const stream = await fetch(`${server.origin}/chat/events?thread_id=${thread.channel.slice('thread:'.length)}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${person.token}` },
    });
    const closed = once(socket, 'close');
    const words = stream.text();
    expect(await server.terminate()).toBe(0);
    expect((await closed)[0]).toBe(3001);
    expect(await words).toContain('3001');
    await server.start();
  });
});

describe('a start that cannot succeed', () => {
  it('names every wrong setting at once, with what is allowed, and no secret', async () => {
    const { code, words } = await ended({ PG_URL: 'hunter2', VECHE_PORT: 'eighty', LOG_LEVEL: 'loud', VECHE_PROT: '1' });
    expect(code).toBe(1);
    for (const part of ['PG_URL', 'VECHE_PORT is "eighty"', 'from 0 to 65535', 'LOG_LEVEL is "loud"', 'VECHE_PROT is not a setting; did you mean VECHE_PORT?'])
      expect(words).toContain(part);
    expect(words).not.toContain('hunter2');
  });

  it('says so when a stop would end before its sessions are moved', async () => {
    const server = await startStandalone();
    const { code, words } = await ended({ PG_URL: server.database.url, VECHE_PORT: '0', VECHE_PRIVATE_PORT: '0', GATEWAY_DRAIN_MS: '60000' });
    await server.stop();
    expect(code).toBe(1);
    expect(words).toContain('raise VECHE_SHUTDOWN_MS to 70000');
  });

  it('says so when the database has not been migrated, and ends', async () => {
    const empty = await createDatabase();
    const { code, words } = await ended({ PG_URL: empty.url, VECHE_PORT: '0', VECHE_PRIVATE_PORT: '0' });
    await empty.drop();
    expect(code).toBe(1);
    expect(words).toMatch(/migrat/i);
  });

  it('says so when nothing answers at the address of the database, and ends', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    silent.close();
    const { code, words } = await ended({ PG_URL: `postgres://veche:hunter2@127.0.0.1:${port}/veche`, VECHE_PORT: '0', VECHE_PRIVATE_PORT: '0' });
    expect(code).toBe(1);
    expect(words).toContain('ECONNREFUSED');
    expect(words).not.toContain('hunter2');
  });
});
