import { eventually } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createThread, type Person, register } from '../src/people.ts';
import { FaultyPostgres } from '../src/postgres-faults.ts';
import { RawSocket } from '../src/raw-socket.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const MEGABYTES = 200;
/** RPC_TIMEOUT_MS and what a busy machine adds. */
const DEADLINE_MS = 6_500;
const TEXT = 'all work and no play '.repeat(300);

let postgres: FaultyPostgres | undefined;
let server: Veche;
let person: Person;
let thread: string;

beforeAll(async () => {
  postgres = await FaultyPostgres.onSmallVolume(MEGABYTES);
  if (!postgres) return;
  server = await startVeche({ adminUrl: postgres.url, env: { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '1000000' } });
  person = await register(server.origin, 'writer');
  thread = (await createThread(server.origin, person, 'a thread', [])).channel.slice('thread:'.length);
});
afterAll(async () => {
  if (!postgres) return;
  await server.stop();
  await postgres.stop();
});

interface Sent {
  readonly key: string;
  readonly status: number;
  readonly ms: number;
}

async function send(key: string): Promise<Sent> {
  const began = performance.now();
  const { status } = await call(server.origin, 'POST', `/chat/threads/${thread}/messages`, {
    token: person.token,
    body: { text: TEXT },
    headers: { 'idempotency-key': key },
  });
  return { key, status, ms: performance.now() - began };
}

describe('the volume of the database is full', () => {
  it('sends are refused in words, reads go on, and what was not taken is taken once there is room', { timeout: 120_000 }, async ({ skip }) => {
    if (!postgres) return skip('this process may not mount a volume');
    const socket = await RawSocket.open(server.origin, '/connection/websocket');
    await socket.ask({ id: 1, connect: { token: person.token } });
    expect((await send('before')).status).toBe(201);
    postgres.fill();
    const seen: Sent[] = [];
    for (let n = 0; seen.filter(({ status }) => status !== 201).length < 5; n++) {
      expect(n, 'sends before the volume was full').toBeLessThan(3_000);
      seen.push(await send(`during-${n}`));
    }
    for (const { status, ms } of seen) {
      expect([201, 503, 504]).toContain(status);
      expect(ms).toBeLessThan(DEADLINE_MS);
    }
    console.log(`${seen.length} sends; slowest refusal ${Math.round(Math.max(...seen.filter(({ status }) => status !== 201).map(({ ms }) => ms)))} ms`);
    await postgres.free();
    await eventually(async () => (await send('after')).status === 201, { timeoutMs: 30_000 });
    for (const { key, status } of seen) if (status !== 201) expect((await send(key)).status).toBe(201);
    const { body } = await call<{ last_seq: number }>(server.origin, 'GET', `/chat/threads/${thread}/messages?limit=1`, { token: person.token });
    // Created, before, after, and each of the others once.
    expect(body.last_seq).toBe(3 + seen.length);
    socket.send({ id: 2, ping: {} });
    for (let heard = ''; !heard.includes('"id":2');) heard = await socket.next(); // signals of the inbox come first
    expect(server.log).not.toMatch(/unhandled|uncaught/i);
    socket.destroy();
  });
});
