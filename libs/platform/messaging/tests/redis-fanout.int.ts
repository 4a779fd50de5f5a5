import { loadConfig, valuesOf } from '@veche/platform-config';
import { RedisClient, RedisTelemetry } from '@veche/platform-redis';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { eventually, type RedisServer, startRedis, startTcpProxy } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messagingConfig, MessagingTelemetry, redisFanout } from '../src/index.ts';
import type { Fanout } from '../src/index.ts';
import { event, fanoutConformance, Reader, signal } from './conformance/fanout.conformance.ts';

type Redis = Parameters<Parameters<RedisClient['attempt']>[1]>[0];

const defaults = valuesOf(loadConfig([messagingConfig], {}), messagingConfig);
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.remove());

/** One process; `prefix` keeps clusters apart. */
function processOn(url: string, prefix: string, settings: object = {}): Fanout {
  const metrics = new Metrics();
  const client = new RedisClient({ REDIS_URL: url, REDIS_PREFIX: prefix, REDIS_TIMEOUT_MS: 400 }, new RedisTelemetry(metrics, Logger.silent()));
  return redisFanout.make({ ...defaults, ...settings }, new MessagingTelemetry(metrics, Logger.silent()), client);
}

fanoutConformance('Redis Pub/Sub', async (settings) => processOn(server.url, 'conformance:', settings));

describe('the fan-out over Redis', () => {
  const opened: Fanout[] = [];
  const prefix = 'own:';
  const process = async (url = server.url): Promise<{ readonly fanout: Fanout; readonly reader: Reader }> => {
    const [fanout, reader] = [processOn(url, prefix), new Reader()];
    opened.push(fanout);
    fanout.subscribe(reader);
    await fanout.start();
    return { fanout, reader };
  };
  const observer = (): RedisClient =>
    new RedisClient({ REDIS_URL: server.url, REDIS_PREFIX: '', REDIS_TIMEOUT_MS: 400 }, new RedisTelemetry(new Metrics(), Logger.silent()));
  const ask = async <T>(question: (redis: Redis) => Promise<T>): Promise<T> => {
    const client = observer();
    await client.onModuleInit();
    const answer = await client.attempt('test', question);
    await client.onApplicationShutdown();
    return answer as T;
  };
  const connections = async (): Promise<string[]> =>
    ((await ask((redis) => redis.client('LIST'))) as string)
      .split('\n')
      .map((line) => /\bname=(\S*)/.exec(line)?.[1] ?? '')
      .filter((name) => name !== '' && name !== 'veche-commands')
      .toSorted();
  const subscribers = async (): Promise<number> => Number((await ask((redis) => redis.pubsub('NUMSUB', `${prefix}ws:all`)))[1]);
  const heard = (reader: Reader, seq: number): Promise<unknown> => eventually(() => reader.seen.some((one) => one.seq === seq));

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((fanout) => fanout.stop()));
  });

  it('has two named connections for each process, and none once it has stopped', async () => {
    const { fanout } = await process();
    expect(await connections()).toEqual(['veche-publish', 'veche-subscribe']);
    await fanout.stop();
    await eventually(async () => (await connections()).length === 0);
  });

  it('subscribes with its first reader and unsubscribes with its last', async () => {
    const fanout = processOn(server.url, prefix);
    opened.push(fanout);
    await fanout.start();
    expect(await subscribers()).toBe(0);
    const [first, second] = [fanout.subscribe(new Reader()), fanout.subscribe(new Reader())];
    await eventually(async () => (await subscribers()) === 1);
    first();
    first();
    expect(await subscribers()).toBe(1);
    second();
    await eventually(async () => (await subscribers()) === 0);
  });

  it('keeps installations on one server apart', async () => {
    const [{ fanout }, { reader }] = [await process(), await process()];
    const stranger = processOn(server.url, 'other:');
    const foreign = new Reader();
    opened.push(stranger);
    stranger.subscribe(foreign);
    await stranger.start();
    await fanout.publish([event('thread:a', 1)]);
    await heard(reader, 1);
    expect(foreign.seen).toEqual([]);
  });

  it('says so when the connection was lost, once it hears again', async () => {
    const proxy = await startTcpProxy({ target: server.port });
    const [{ fanout }, { reader }] = [await process(), await process(`redis://127.0.0.1:${proxy.port}`)];
    proxy.cut();
    await eventually(() => reader.interruptions === 1);
    await fanout.publish([event('thread:a', 5)]);
    await heard(reader, 5);
    await opened.pop()!.stop();
    await proxy.stop();
  });

  it('notices a connection that died without a word', async () => {
    const proxy = await startTcpProxy({ target: server.port });
    const [{ fanout }, { reader }] = [await process(), await process(`redis://127.0.0.1:${proxy.port}`)];
    proxy.halfOpen();
    await eventually(() => reader.interruptions === 1);
    await fanout.publish([event('thread:a', 6)]);
    await heard(reader, 6);
    await opened.pop()!.stop();
    await proxy.stop();
  });

  it('lets others know that it could not publish, as soon as it can again', async () => {
    const proxy = await startTcpProxy({ target: server.port });
    const [{ fanout }, { reader }] = [await process(`redis://127.0.0.1:${proxy.port}`), await process()];
    await fanout.publish([event('thread:a', 1)]);
    await heard(reader, 1);
    proxy.refuse();
    proxy.cut();
    await eventually(() => proxy.connections === 0);
    await fanout.publish([event('thread:a', 2)]);
    expect(reader.interruptions).toBe(0);
    proxy.heal();
    await eventually(() => reader.interruptions === 1);
    expect(reader.seen.map(({ seq }) => seq)).toEqual([1]);
    await opened.shift()!.stop();
    await proxy.stop();
  });

  it('never fails a publisher, and tells its own readers, while Redis is dead, frozen or was never there', async () => {
    const { fanout, reader } = await process();
    const other = await process();
    const publishes = async (seq: number): Promise<void> => {
      await fanout.publish([event('thread:a', seq)]);
      fanout.signal([signal('thread:a')]);
      await fanout.check();
      await heard(reader, seq);
    };
    server.freeze();
    for (let seq = 1; seq <= 200; seq++) await publishes(seq);
    server.thaw();
    // A short freeze loses nothing; a longer one is noticed.
    await eventually(() => other.reader.interruptions > 0 || other.reader.seen.some(({ seq }) => seq === 200));
    await server.kill();
    for (let seq = 201; seq <= 400; seq++) await publishes(seq);
    const late = await process();
    await late.fanout.publish([event('thread:b', 1)]);
    await heard(late.reader, 1);
    const before = other.reader.interruptions;
    await server.start();
    await eventually(() => other.reader.interruptions > before);
    // Each connection comes back in its own time.
    await eventually(async () => {
      await fanout.publish([event('thread:a', 402)]);
      return [other, late].every((one) => one.reader.seen.some(({ seq }) => seq === 402));
    });
    expect(reader.seen.filter(({ seq }) => seq <= 400)).toHaveLength(400);
  });
});
