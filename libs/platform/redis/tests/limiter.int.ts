import { eventually, startRedis, type RedisServer } from '@veche/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MemoryLimiter, type RedisClient, RedisLimiter, Script } from '../src/index.ts';
import { takeLua } from '../src/limits/take.script.ts';
import { connectTo, type TestClient } from './clients.ts';

const MINUTE = 60_000;
const CLOCK = 'test:clock';
let server: RedisServer;
const opened: RedisClient[] = [];
const connect = async (): Promise<TestClient> => {
  const one = await connectTo(server.url);
  opened.push(one.client);
  return one;
};
const processOf = async (): Promise<RedisLimiter> => new RedisLimiter((await connect()).client, new MemoryLimiter());

beforeAll(async () => {
  server = await startRedis();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.onApplicationShutdown()));
});
afterAll(() => server.remove());

describe('the script of the sliding limit', () => {
  /** The same script, by a clock that the test holds, in microseconds. */
  const take = new Script<number[]>(takeLua(`tonumber(redis.call('GET', '${CLOCK}'))`));

  it('lets pass exactly as many as a model that remembers everything, and its advice is exact', async () => {
    const { client } = await connect();
    let traces = 0;
    const limits = fc.integer({ min: 1, max: 12 });
    const pauses = fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(limits, fc.integer({ min: 1, max: 60_000 }), pauses, async (limit, windowMs, steps) => {
        const key = `test:trace:${traces++}`;
        const window = windowMs * 1000;
        const passed: number[] = [];
        // Beyond 2 ** 50, where a careless script would print a time as 1.76e+15.
        let now = 1_763_700_000_000_000;
        for (const step of steps) {
          now += step;
          const expected = passed.filter((at) => now - at < window).length < limit;
          const [[wait]] = (await client.attempt('test', async (redis) => {
            const [, taken] = await Promise.all([redis.set(CLOCK, now), take.run(redis, [key], [limit, window])]);
            return [taken];
          }))!;
          expect(wait === 0).toBe(expected);
          if (wait === 0) passed.push(now);
          else {
            expect(passed.filter((at) => now + wait! - at < window).length).toBeLessThan(limit);
            expect(passed.filter((at) => now + wait! - 1 - at < window).length).toBe(limit);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(traces).toBeGreaterThanOrEqual(300);
  });

  it('lets pass again when the clock of the server was set back', async () => {
    const { client } = await connect();
    const at = (now: number) => client.attempt('test', async (redis) => (await redis.set(CLOCK, now), take.run(redis, ['test:back'], [1, MINUTE * 1000])));
    expect(await at(10_000_000_000)).toEqual([0]);
    expect(await at(10_000_000_001)).toEqual([59_999_999]);
    expect(await at(1_000_000_000)).toEqual([0]);
  });

  it('obeys a limit that was lowered since', async () => {
    const { client } = await connect();
    const run = (limit: number) => client.attempt('test', (redis) => take.run(redis, ['test:lowered'], [limit, MINUTE * 1000]));
    await client.attempt('test', (redis) => redis.set(CLOCK, 5_000_000));
    for (let pass = 0; pass < 5; pass++) expect(await run(5)).toEqual([0]);
    expect((await run(2))![0]).toBe(60_000_000);
  });
});

describe('a limit over several processes', () => {
  it('passes fifteen on one and fifteen on another of thirty, and the next on neither', async () => {
    const [one, two] = [await processOf(), await processOf()];
    const passed = async (limiter: RedisLimiter, times: number) =>
      (await Promise.all(Array.from({ length: times }, () => limiter.take('rest u', 30, MINUTE)))).filter(({ ok }) => ok).length;
    expect([await passed(one, 15), await passed(two, 15)]).toEqual([15, 15]);
    const refused = [await one.take('rest u', 30, MINUTE), await two.take('rest u', 30, MINUTE)];
    for (const { ok, retryAfterMs } of refused) {
      expect(ok).toBe(false);
      expect(retryAfterMs).toBeGreaterThan(50_000);
      expect(retryAfterMs).toBeLessThanOrEqual(MINUTE);
    }
  });

  it('never passes more than the limit, however many ask at once', async () => {
    const limiters = await Promise.all(Array.from({ length: 4 }, processOf));
    const answers = await Promise.all(Array.from({ length: 2_000 }, (_, index) => limiters[index % 4]!.take('message u', 100, MINUTE)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(100);
  });

  it('passes again as soon as it said', async () => {
    const [one, two] = [await processOf(), await processOf()];
    await one.take('short', 1, 300);
    const { retryAfterMs } = await two.take('short', 1, 300);
    const asked = performance.now();
    await eventually(async () => (await two.take('short', 1, 300)).ok);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(retryAfterMs - 2);
  });

  it('takes back what was given back, and remembers what was noted elsewhere', async () => {
    const [one, two] = [await processOf(), await processOf()];
    await one.take('polls', 1, MINUTE);
    await one.giveBack('polls');
    expect((await two.take('polls', 1, MINUTE)).ok).toBe(true);
    await one.note('ended 192.0.2.1', MINUTE);
    expect([await two.recent('ended 192.0.2.1'), await two.recent('ended 192.0.2.2')]).toEqual([true, false]);
  });
});

describe('a limit without Redis', () => {
  const refusedAfter = async (limiter: RedisLimiter, limit: number): Promise<number> => {
    for (let passes = 0; ; passes++) if (!(await limiter.take('message x', limit, MINUTE)).ok) return passes;
  };

  it('falls back to one for each process when Redis is killed, goes on where it stood, and is shared again afterwards', async () => {
    const { client, metric } = await connect();
    const one = new RedisLimiter(client, new MemoryLimiter());
    const two = await processOf();
    for (let pass = 0; pass < 3; pass++) await one.take('message x', 5, MINUTE);
    await server.kill();
    await eventually(() => !client.isReady);
    expect(await refusedAfter(one, 5)).toBe(2);
    expect(await refusedAfter(two, 5)).toBe(5);
    expect(await metric('veche_redis_fallbacks_total', { use: 'limits' })).toBeGreaterThan(0);
    expect(await metric('veche_redis_connected', { connection: 'commands' })).toBe(0);
    await server.start();
    await eventually(() => client.isReady);
    expect(await metric('veche_redis_connected', { connection: 'commands' })).toBe(1);
    await one.take('message v', 1, MINUTE);
    await eventually(async () => !(await two.take('message v', 1, MINUTE)).ok);
  });

  it('costs one timeout when Redis is frozen, then none', async () => {
    const { client } = await connect();
    const limiter = new RedisLimiter(client, new MemoryLimiter());
    await limiter.take('warm', 10, MINUTE);
    server.freeze();
    const began = performance.now();
    expect((await limiter.take('message y', 1_000_000, MINUTE)).ok).toBe(true);
    expect(performance.now() - began).toBeLessThan(900);
    await eventually(() => !client.isReady);
    const frozen = performance.now();
    for (let pass = 0; pass < 1_000; pass++) await limiter.take('message y', 1_000_000, MINUTE);
    expect(performance.now() - frozen).toBeLessThan(300);
    server.thaw();
    await eventually(() => client.isReady);
  });

  it('holds the limit of each process when Redis is flushed', async () => {
    const { client } = await connect();
    const limiter = new RedisLimiter(client, new MemoryLimiter());
    for (let pass = 0; pass < 5; pass++) await limiter.take('message w', 5, MINUTE);
    await client.attempt('test', (redis) => redis.flushall());
    expect((await limiter.take('message w', 5, MINUTE)).ok).toBe(false);
  });
});
