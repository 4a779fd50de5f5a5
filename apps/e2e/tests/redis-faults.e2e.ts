import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type Constellation, eventually, once, type ServerControl, startConstellation } from '@veche/testing';
import type { Centrifuge } from 'centrifuge';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { centrifugeOn } from '../src/centrifuge-subscriber.ts';
import { call, createThread, type Person, register } from '../src/people.ts';

/** What a reader of a thread was shown, by offset. */
interface Reading {
  readonly offsets: number[];
  readonly joined: string[];
  readonly left: string[];
}

// Two whole processes that share Redis and nothing else but the database.
describe.runIf(inject('topology') === 'redis')('Redis is only what may be lost', () => {
  let veche: Constellation;
  let redis: ServerControl;
  let origins: readonly string[];
  let anna: Person;
  let boris: Person;
  const clients: Centrifuge[] = [];

  beforeAll(async () => {
    veche = await startConstellation({ topology: 'redis', servers: 'shared', env: { GATEWAY_MESSAGES_PER_MINUTE: '100000', GATEWAY_LEAVE_DELAY_MS: '0' } });
    redis = veche.process('redis');
    origins = veche.processesOf('whole').map(({ port }) => `http://127.0.0.1:${port}`);
    [anna, boris] = [await register(origins[0]!, 'anna'), await register(origins[1]!, 'boris')];
  });
  afterEach(() => clients.splice(0).forEach((client) => client.disconnect()));
  afterAll(async () => {
    expect(await veche.stop()).toEqual([]);
  });

  const clientOf = async (person: Person, process: number): Promise<Centrifuge> => {
    const client = centrifugeOn('websocket', origins[process]!, { token: person.token });
    clients.push(client);
    client.connect();
    await client.ready(10_000);
    return client;
  };
  const read = async (client: Centrifuge, channel: string): Promise<Reading> => {
    const reading: Reading = { offsets: [], joined: [], left: [] };
    const subscription = client.newSubscription(channel, { since: { offset: 0, epoch: '' }, joinLeave: true });
    subscription.on('publication', ({ offset }) => void reading.offsets.push(offset!));
    subscription.on('join', ({ info }) => void reading.joined.push(info.user));
    subscription.on('leave', ({ info }) => void reading.left.push(info.user));
    subscription.subscribe();
    await subscription.ready(10_000);
    return reading;
  };
  /** Each process has found it again: until then signals between them are lost, as they may be. */
  const restart = async (): Promise<void> => {
    await redis.start();
    for (const { privateOrigin } of veche.processesOf('whole'))
      await eventually(async () => {
        const metrics = await (await fetch(`${privateOrigin}/metrics`)).text();
        return ['commands', 'publish', 'subscribe'].every((name) => metrics.includes(`veche_redis_connected{connection="${name}"} 1`));
      });
  };
  const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
  const flush = async (): Promise<void> => {
    const socket = connect(Number(new URL(veche.redisUrl!).port), '127.0.0.1');
    socket.end('FLUSHALL\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toBe('+OK\r\n');
  };

  it('a message reaches readers on every process, and no send fails, while Redis is flushed, frozen, killed and started again under load', async () => {
    const { channel, seq } = await createThread(origins[0]!, anna, 'load', [boris]);
    const [sender, near, far] = [await clientOf(anna, 0), await clientOf(anna, 0), await clientOf(boris, 1)];
    const readings = [await read(near, channel), await read(far, channel)];
    let head = seq;
    let sending = true;
    const failures: unknown[] = [];
    let slowest = 0;
    const load = (async () => {
      while (sending) {
        const began = performance.now();
        await sender.rpc('chat.send', { channel, command_id: randomUUID(), text: 'under load' }).then(
          ({ data }) => (head = (data as { seq: number }).seq),
          (error: unknown) => failures.push(error),
        );
        slowest = Math.max(slowest, performance.now() - began);
      }
    })();
    const further = async (messages: number): Promise<unknown> => {
      const goal = head + messages;
      return eventually(() => head >= goal, { timeoutMs: 20_000 });
    };
    await further(50);
    await flush();
    await further(200);
    redis.freeze();
    await further(300);
    redis.thaw();
    await further(100);
    await redis.kill();
    await further(300);
    await restart();
    await further(100);
    sending = false;
    await load;
    expect(failures).toEqual([]);
    // A frozen Redis holds a send back for one timeout of the limiter, and then not again.
    expect(slowest).toBeLessThan(2_000);
    for (const { offsets } of readings) {
      await eventually(() => offsets.at(-1) === head, { timeoutMs: 10_000, what: `the reader has shown ${head}` });
      expect(offsets).toEqual(upTo(head));
    }
  });

  it('limits of REST are those of all processes, and of each by itself while Redis is dead', async () => {
    const carl = await register(origins[0]!, 'carl');
    const me = async (process: number): Promise<number> => (await call(origins[process]!, 'GET', '/auth/me', { token: carl.token })).status;
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, index) => me(index % 2)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    await redis.kill();
    const alone = await register(origins[0]!, 'alone');
    const passed = async (process: number): Promise<number> => {
      const all = await Promise.all(Array.from({ length: 40 }, () => call(origins[process]!, 'GET', '/auth/me', { token: alone.token })));
      return all.filter(({ status }) => status === 200).length;
    };
    expect([await passed(0), await passed(1)]).toEqual([30, 30]);
    await restart();
  });

  it('presence shows who is on any process, heals within ten seconds of a flush, and forgets the users of a killed process', async () => {
    const { channel } = await createThread(origins[0]!, anna, 'presence', [boris]);
    const [near, far] = [await clientOf(anna, 0), await clientOf(boris, 1)];
    const reading = await read(near, channel);
    await read(far, channel);
    const present = async (): Promise<string[]> =>
      Object.values((await near.presence(channel)).clients)
        .map(({ user }) => user)
        .toSorted();
    const both = [anna.id, boris.id].toSorted().join();
    await eventually(async () => (await present()).join() === both);
    await eventually(() => reading.joined.includes(boris.id));
    await flush();
    const flushed = performance.now();
    await eventually(async () => (await present()).join() === both, { timeoutMs: 10_000 });
    expect(performance.now() - flushed).toBeLessThan(10_000);
    expect(reading.left).toEqual([]);
    far.disconnect();
    const [, second] = veche.processesOf('whole');
    await second!.kill();
    await eventually(async () => (await present()).join() === anna.id, { timeoutMs: 10_000 });
    await eventually(() => reading.left.includes(boris.id), { timeoutMs: 10_000 });
    await second!.start();
  });

  it('a session that was signed out on one process is refused by the other at once', async () => {
    const body = { login: 'dora', password: 'password of dora' };
    const { refresh_token, token } = (await call<{ refresh_token: string; token: string }>(origins[0]!, 'POST', '/auth/register', { body })).body;
    expect((await call(origins[1]!, 'GET', '/auth/me', { token })).status).toBe(200);
    await call(origins[0]!, 'POST', '/auth/logout', { body: { refresh_token } });
    expect((await call(origins[1]!, 'GET', '/auth/me', { token })).status).toBe(401);
    expect((await call(origins[1]!, 'POST', '/auth/refresh', { body: { refresh_token } })).status).toBe(401);
  });
});
