import { eventually, startRedis, type RedisServer } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RedisClient, TwoLevelCache } from '../src/index.ts';
import { connectTo, type TestClient } from './clients.ts';

/** What the entries are made from, and how often it was asked. */
class Source {
  readonly values = new Map<string, string>();
  asked: string[] = [];
  gate: Promise<void> | undefined;
  readonly load = async (keys: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    this.asked.push(...keys);
    const answer = new Map(keys.flatMap((key) => (this.values.has(key) ? [[key, this.values.get(key)!]] : [])));
    await this.gate;
    return answer;
  };
}

describe('a two-level cache', () => {
  let server: RedisServer;
  let names = 0;
  let name = '';
  const opened: RedisClient[] = [];
  const connect = async (): Promise<TestClient> => {
    const one = await connectTo(server.url);
    opened.push(one.client);
    return one;
  };
  const cacheOn = (client: RedisClient | undefined, options: object = {}): TwoLevelCache<string> =>
    new TwoLevelCache(client, { name, ttlMs: 60_000, maxEntries: 100, ...options });
  const processOf = async (options: object = {}): Promise<TwoLevelCache<string>> => cacheOn((await connect()).client, options);
  const valueOf = async (cache: TwoLevelCache<string>, source: Source, key = 'a'): Promise<string | undefined> =>
    (await cache.get([key], source.load)).get(key);
  const sourceOf = (value = 'first'): Source => {
    const source = new Source();
    source.values.set('a', value);
    return source;
  };
  const inRedis = (client: RedisClient): Promise<string | null | undefined> => client.attempt('test', (redis) => redis.get(client.keys.cached(name, 'a')));

  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.onApplicationShutdown()));
    name = `cache${++names}`;
  });
  afterAll(() => server.remove());

  it('answers a second read without the network, and another process without the source', async () => {
    const { client, metric } = await connect();
    const [one, two, source] = [cacheOn(client), await processOf(), sourceOf()];
    expect(await valueOf(one, source)).toBe('first');
    await eventually(() => inRedis(client));
    await client.onApplicationShutdown();
    expect(await valueOf(one, source)).toBe('first');
    expect(await valueOf(two, source)).toBe('first');
    expect(source.asked).toEqual(['a']);
    expect(await metric('veche_redis_cache_lookups_total', { cache: name, level: 'process' })).toBe(1);
  });

  it('asks for equal keys once at a time', async () => {
    const [cache, source] = [await processOf(), sourceOf()];
    await Promise.all(Array.from({ length: 50 }, () => valueOf(cache, source)));
    expect(source.asked).toEqual(['a']);
  });

  it('forgets after its time', async () => {
    let now = 0;
    const cache = cacheOn(undefined, { now: () => now });
    const source = sourceOf();
    await valueOf(cache, source);
    now = 59_999;
    await valueOf(cache, source);
    expect(source.asked).toHaveLength(1);
    now = 60_000;
    await valueOf(cache, source);
    expect(source.asked).toHaveLength(2);
  });

  it('remembers in this process alone, and for a shorter time, that there is no value', async () => {
    let now = 0;
    const { client } = await connect();
    const [one, two, source] = [cacheOn(client, { absentMs: 2_000, now: () => now }), await processOf({ absentMs: 2_000 }), new Source()];
    for (const cache of [one, one, two]) expect(await valueOf(cache, source)).toBeUndefined();
    expect(source.asked).toEqual(['a', 'a']);
    now = 2_000;
    source.values.set('a', 'later');
    expect(await valueOf(one, source)).toBe('later');
  });

  it('gives every process the new value once all have heard of the change', async () => {
    const [one, two, source] = [await processOf(), await processOf(), sourceOf()];
    for (const cache of [one, two]) await valueOf(cache, source);
    source.values.set('a', 'second');
    await one.invalidate(['a']);
    two.drop(['a']);
    expect([await valueOf(one, source), await valueOf(two, source)]).toEqual(['second', 'second']);
  });

  it('does not store what was read before a change, neither here nor in Redis', async () => {
    const { client } = await connect();
    const [slow, other, source] = [cacheOn(client), await processOf(), sourceOf()];
    const gate = Promise.withResolvers<void>();
    source.gate = gate.promise;
    const old = valueOf(slow, source);
    await eventually(() => source.asked.length === 1);
    source.values.set('a', 'second');
    await other.invalidate(['a']);
    slow.drop(['a']);
    source.gate = undefined;
    gate.resolve();
    expect(await old).toBe('first');
    expect(await valueOf(slow, source)).toBe('second');
    expect(await valueOf(other, source)).toBe('second');
    // The connection answers in order: what the slow one may have stored would be there.
    expect(await inRedis(client)).not.toBe(JSON.stringify('first'));
  });

  it('goes on with the process and the source while Redis is dead, flushed or frozen', async () => {
    const { client, metric } = await connect();
    const [cache, source] = [cacheOn(client), sourceOf()];
    await server.kill();
    await eventually(() => !client.isReady);
    expect(await valueOf(cache, source)).toBe('first');
    expect(await valueOf(cache, source)).toBe('first');
    expect(source.asked).toEqual(['a']);
    expect(await metric('veche_redis_fallbacks_total', { use: 'cache' })).toBeGreaterThan(0);
    await server.start();
    await eventually(() => client.isReady);
    server.freeze();
    cache.clear();
    expect(await valueOf(cache, source)).toBe('first');
    server.thaw();
    await eventually(() => client.isReady);
    await client.attempt('test', (redis) => redis.flushall());
    cache.clear();
    expect(await valueOf(cache, source)).toBe('first');
  });

  it('holds a bounded number of entries', async () => {
    const cache = cacheOn(undefined);
    const source = new Source();
    for (let key = 0; key < 1_000; key++) source.values.set(`k${key}`, 'v');
    for (const key of source.values.keys()) await valueOf(cache, source, key);
    expect(cache.size).toBeLessThanOrEqual(100);
  });
});
