/** Presence of several processes over one Redis, without sessions: what is told, what is listed, and what a fault does to it. */
import { type ClientInfo, JOINED, type Signal } from '@veche/contracts';
import { RedisClient, RedisTelemetry } from '@veche/platform-redis';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { eventually, type RedisServer, startRedis } from '@veche/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Edges } from '../src/presence/edges.ts';
import { MemoryPresence } from '../src/presence/memory-presence.ts';
import { PresenceRegister } from '../src/presence/presence-register.ts';
import { SharedPresence } from '../src/presence/shared-presence.ts';
import { SharedTransitions } from '../src/presence/transitions.ts';

const CHANNEL = 'thread:7';
/** What the guides allow for a user to be seen as gone, or for presence to heal. */
const BOUND_MS = 10_000;

let told: string[] = [];
let prefix = 'p0:';
const bus = {
  publish: async () => {},
  subscribe: () => () => {},
  signal: (signals: readonly Signal[]) => void told.push(...signals.map(({ kind, actor }) => `${kind === JOINED ? '+' : '-'}${actor}`)),
};

class Process {
  readonly redis: RedisClient;
  readonly register: PresenceRegister;
  readonly store: SharedPresence;
  readonly edges: Edges;

  constructor(url: string, leaveDelayMs: number) {
    this.redis = new RedisClient({ REDIS_URL: url, REDIS_PREFIX: prefix, REDIS_TIMEOUT_MS: 400 }, new RedisTelemetry(new Metrics(), Logger.silent()));
    this.register = new PresenceRegister(this.redis);
    this.store = new SharedPresence(new MemoryPresence(), this.register);
    this.edges = new Edges(bus, { GATEWAY_LEAVE_DELAY_MS: leaveDelayMs }, new SharedTransitions(this.register));
  }

  async start(): Promise<this> {
    await this.redis.onModuleInit();
    this.register.start();
    await this.registered();
    return this;
  }

  registered(): Promise<unknown> {
    return eventually(async () => (await this.register.apply([{ sign: '-', space: 'clients', channel: 'none', id: 'none', info: who('none') }])) !== undefined);
  }

  async comes(user: string, channel = CHANNEL): Promise<void> {
    await this.store.add(channel, who(user));
    this.edges.joined(channel, who(user));
  }

  async goes(user: string, channel = CHANNEL): Promise<void> {
    await this.store.remove(channel, who(user).client);
    this.edges.left(channel, who(user));
  }

  async users(channel = CHANNEL): Promise<string[]> {
    return (await this.store.list(channel)).map(({ user }) => user).toSorted();
  }

  /** As SIGKILL does: nothing more is said. */
  async dies(): Promise<void> {
    await this.edges.onApplicationShutdown();
    await this.redis.onApplicationShutdown();
    await this.register.stop();
  }
}

const who = (user: string): ClientInfo => ({ user, client: `client of ${user}` });

describe('presence over several processes', () => {
  let server: RedisServer;
  const running: Process[] = [];
  const start = async (leaveDelayMs = 0): Promise<Process> => {
    const one = await new Process(server.url, leaveDelayMs).start();
    running.push(one);
    return one;
  };
  const saw = (...expected: string[]): Promise<unknown> =>
    eventually(() => told.toSorted().join() === expected.toSorted().join(), { timeoutMs: BOUND_MS, what: `${expected.join()} is told` }).catch(
      (error: unknown) => {
        throw new Error(`told: ${told.join()}`, { cause: error });
      },
    );

  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(() => {
    // A cluster of its own for each test.
    prefix = `p${Number(prefix.slice(1, -1)) + 1}:`;
    told = [];
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.dies()));
  });
  afterAll(() => server.remove());

  it('tells of the first session and of the end of the last one, wherever they are', async () => {
    const [one, two] = [await start(), await start()];
    await one.comes('anna');
    await saw('+anna');
    await two.comes('anna');
    await two.comes('bo');
    await saw('+anna', '+bo');
    await one.goes('anna');
    await one.comes('carl');
    await saw('+anna', '+bo', '+carl');
    await two.goes('anna');
    await saw('+anna', '+bo', '+carl', '-anna');
  });

  it('does not tell of a user who moves from one process to another', async () => {
    const [one, two] = [await start(1_500), await start(1_500)];
    await one.comes('anna');
    await saw('+anna');
    await one.goes('anna');
    await two.comes('anna');
    await two.comes('bo');
    await saw('+anna', '+bo');
    // When one leave is told, all were judged.
    await two.goes('bo');
    await saw('+anna', '+bo', '-bo');
  });

  it('lists and counts who is on any process', async () => {
    const [one, two] = [await start(), await start()];
    await one.comes('anna');
    await two.comes('bo');
    await eventually(async () => (await one.users()).length === 2);
    for (const each of [one, two]) {
      expect(await each.users()).toEqual(['anna', 'bo']);
      expect(await each.store.stats(CHANNEL)).toEqual({ clients: 2, users: 2 });
    }
    await two.goes('bo');
    await eventually(async () => (await one.users()).join() === 'anna');
    expect(await one.store.stats(CHANNEL)).toEqual({ clients: 1, users: 1 });
  });

  it('shows users of a dead process as gone within ten seconds, except who is elsewhere too', async () => {
    const [one, two] = [await start(), await start()];
    await one.comes('anna');
    await one.comes('bo');
    await two.comes('bo');
    await saw('+anna', '+bo');
    await one.dies();
    const died = performance.now();
    await saw('+anna', '+bo', '-anna');
    expect(await two.users()).toEqual(['bo']);
    expect(performance.now() - died).toBeLessThan(BOUND_MS);
  });

  it('heals within ten seconds when Redis is flushed, and tells of nobody who stayed', async () => {
    const [one, two] = [await start(), await start()];
    await one.comes('anna');
    await two.comes('anna');
    await two.comes('bo');
    await saw('+anna', '+bo');
    await one.redis.attempt('test', (redis) => redis.flushall());
    const flushed = performance.now();
    // Unknown, not offline: her other session is not in Redis again yet.
    await one.goes('anna');
    await eventually(async () => (await one.users()).join() === 'anna,bo', { timeoutMs: BOUND_MS });
    expect(performance.now() - flushed).toBeLessThan(BOUND_MS);
    // When one leave is told, all were judged again.
    await two.comes('probe');
    await saw('+anna', '+bo', '+probe');
    await two.goes('probe');
    await saw('+anna', '+bo', '+probe', '-probe');
    await two.goes('anna');
    await saw('+anna', '+bo', '+probe', '-probe', '-anna');
  });

  it('lists its own users while Redis is dead, and all of them within ten seconds of its return', async () => {
    const [one, two] = [await start(), await start()];
    await one.comes('anna');
    await two.comes('bo');
    await saw('+anna', '+bo');
    await server.kill();
    await eventually(() => !one.redis.isReady && !two.redis.isReady);
    await one.comes('carl');
    expect(await one.users()).toEqual(['anna', 'carl']);
    expect(await one.store.stats(CHANNEL)).toEqual({ clients: 2, users: 2 });
    await two.goes('bo');
    await saw('+anna', '+bo', '+carl');
    await server.start();
    const back = performance.now();
    await eventually(async () => (await two.users()).join() === 'anna,carl', { timeoutMs: BOUND_MS });
    expect(performance.now() - back).toBeLessThan(BOUND_MS);
    await saw('+anna', '+bo', '+carl', '-bo');
  });

  it('tells again of the users of a process that was frozen for long and goes on', async () => {
    const [one, two] = [await start(), await start()];
    await one.comes('anna');
    await saw('+anna');
    // As if it had stood still for long: another finds its time over before it says that it lives.
    const { presence } = one.redis.keys;
    const { node } = one.register as unknown as { node: string };
    await two.redis.attempt('test', (redis) => redis.zadd(`${presence}nodes`, 'XX', '0', node));
    await (two.register as unknown as { reap(node: string): Promise<void> }).reap(node);
    expect(told).toEqual(['+anna', '-anna']);
    await saw('+anna', '-anna', '+anna');
    await eventually(async () => (await two.users()).join() === 'anna', { timeoutMs: BOUND_MS });
  });
});
