import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type PostgresServer, startPostgres } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createThread, type Person, register } from '../src/people.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

describe('the database is killed and comes back', () => {
  let dataDir: string;
  let postgres: PostgresServer;
  let server: Veche;
  let person: Person;
  let messages: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'veche-outage-'));
    postgres = await startPostgres({ dataDir, durable: true });
    server = await startVeche({ adminUrl: postgres.url });
    person = await register(server.origin, 'sender');
    const thread = await createThread(server.origin, person, 'a thread', []);
    messages = `/chat/threads/${thread.channel.slice('thread:'.length)}/messages`;
  });

  afterAll(async () => {
    await server.stop();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const send = (key: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> =>
    call(server.origin, 'POST', messages, { token: person.token, body: { text: 'hello' }, headers: { 'idempotency-key': key } });

  const sendUntilDone = (key: string): ReturnType<typeof send> =>
    eventually(async () => {
      const answer = await send(key);
      return answer.status === 201 && answer;
    });

  it('stays alive, says why it is not ready, refuses in words, and goes on by itself', async () => {
    const { pids } = server;
    expect((await send('first')).status).toBe(201);
    await postgres.kill();
    await eventually(async () => (await server.health('ready')).every(({ status }) => status === 503));
    for (const { body } of await server.health('ready')) expect(body).toMatchObject({ error: { database: { status: 'down' } } });
    for (const { status } of await server.health('live')) expect(status).toBe(200);
    const refused = await send('second');
    expect([503, 504]).toContain(refused.status);
    expect(refused.body).toMatchObject({ error: { retryable: true } });

    postgres = await startPostgres({ dataDir, durable: true, port: postgres.port });
    await eventually(async () => (await server.health('ready')).every(({ status }) => status === 200));
    // Twice, as each process finds out by itself that its database is back, and the second may reach another one.
    expect((await sendUntilDone('second')).body).toMatchObject({ seq: 3 });
    expect((await sendUntilDone('second')).body).toMatchObject({ seq: 3 });
    expect(server.pids).toEqual(pids);
  });
});
