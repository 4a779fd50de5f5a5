import { NestFactory } from '@nestjs/core';
import { ConfigModule, loadConfig, valuesOf } from '@veche/platform-config';
import { type OpenDatabase, openDatabase, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { Logger, Metrics, telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase, type TestDatabase } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MessagingAdapter, MessagingModule, MESSAGING_ADAPTER, postgresFanout } from '../src/index.ts';
import { type MessagingConfig, messagingConfig } from '../src/messaging.config.ts';
import { MessagingTelemetry } from '../src/messaging.telemetry.ts';
import { PostgresFanout } from '../src/postgres/postgres-fanout.ts';
import { event, fanoutConformance, Reader, signal } from './conformance/fanout.conformance.ts';

const defaults = valuesOf(loadConfig([messagingConfig], {}), messagingConfig);
let created: TestDatabase;
const databases: OpenDatabase[] = [];
beforeAll(async () => {
  created = await createDatabase();
});
afterEach(async () => {
  for (const { close } of databases.splice(0)) await close();
});
afterAll(() => created.drop());

async function openProcess(settings: Partial<Parameters<typeof openDatabase>[0]> = {}): Promise<OpenDatabase> {
  const database = await openDatabase({ PG_URL: created.url, PG_POOL_SIZE: 1, ...settings });
  databases.push(database);
  return database;
}

const fanoutOn = ({ database, listener }: OpenDatabase, settings: Partial<MessagingConfig> = {}): PostgresFanout =>
  new PostgresFanout({ ...defaults, ...settings }, new MessagingTelemetry(new Metrics(), Logger.silent()), database, listener);

fanoutConformance('NOTIFY', async (settings) => fanoutOn(await openProcess(), settings), 'heads');

describe('NOTIFY', () => {
  const fanouts: PostgresFanout[] = [];
  afterEach(async () => {
    await Promise.all(fanouts.splice(0).map((fanout) => fanout.stop()));
  });
  const listening = async (settings: Partial<Parameters<typeof openDatabase>[0]> = {}) => {
    const opened = await openProcess(settings);
    const [fanout, reader] = [fanoutOn(opened), new Reader()];
    fanouts.push(fanout);
    fanout.subscribe(reader);
    await fanout.start();
    return { fanout, reader, ...opened };
  };
  const LISTENERS = `SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
  const heard = (reader: Reader, channel: string): Promise<unknown> =>
    vi.waitUntil(() => reader.heads.some((head) => head.channel === channel), { interval: 1, timeout: 10_000 });

  it('tells many channels in texts that the server takes', async () => {
    const [{ fanout }, { reader }] = [await listening(), await listening()];
    const events = Array.from({ length: 1000 }, (_, at) => event(`thread:${'x'.repeat(100)}${at}`, at + 1));
    await fanout.publish(events);
    await vi.waitUntil(() => reader.heads.length === 1000, { interval: 1 });
    expect(reader.heads).toEqual(events.map(({ channel, seq }) => ({ channel, seq })));
  });

  it('carries signals larger than a notification, in order with small ones, and equal ones as often as they were sent', async () => {
    const [{ fanout }, other] = [await listening(), await listening()];
    const bodies: string[] = [];
    other.reader.signals = (batch) => bodies.push(...batch.map(({ data }) => data));
    const large = JSON.stringify('ж'.repeat(30_000));
    fanout.signal([signal('thread:a'), { ...signal('thread:a'), data: large }]);
    await vi.waitUntil(() => bodies.length === 2, { interval: 1 });
    for (let i = 0; i < 3; i++) fanout.signal([signal('thread:a')]);
    await vi.waitUntil(() => bodies.length === 5, { interval: 1 });
    expect(bodies).toEqual(['{}', large, '{}', '{}', '{}']);
  });

  it('a listener that was cut comes back, says that it missed something, and hears again', async () => {
    const [{ fanout, database }, { reader, fanout: cut }] = [await listening(), await listening()];
    await database.query({ text: LISTENERS });
    await fanout.publish([event('thread:missed', 1)]);
    await vi.waitUntil(() => reader.interruptions === 1, { interval: 1, timeout: 10_000 });
    await cut.check();
    await fanout.publish([event('thread:after', 1)]);
    await heard(reader, 'thread:after');
  });

  it('publishes while nobody can listen', async () => {
    const { fanout, database } = await listening({ PG_DIRECT_URL: created.url });
    await database.query({ text: LISTENERS });
    await expect(Promise.all([1, 2, 3].map((seq) => fanout.publish([event('thread:a', seq)])))).resolves.toBeDefined();
  });

  it('drops what others notify under its name and that is not of the fan-out', async () => {
    const [{ fanout, database }, { reader }] = [await listening(), await listening()];
    for (const payload of ['', 'hello', 'a.1 h thread:x', 'a.1 s 2 3 AAAA', 'a.1 h thread:x nothing'])
      await database.query({ text: `SELECT pg_notify('veche_fanout', $1)`, values: [payload] });
    await fanout.publish([event('thread:last', 1)]);
    await heard(reader, 'thread:last');
    expect(reader.heads).toEqual([{ channel: 'thread:last', seq: 1 }]);
  });

  it('rejects, typed, what it could not publish: the batch comes again', async () => {
    const { fanout, close } = await listening();
    databases.splice(0);
    await close();
    await expect(fanout.publish([event('thread:a', 1)])).rejects.toMatchObject({ error: 'unavailable' });
  });
});

it('two applications that choose it hear each other, with nothing but their database', async () => {
  const settings = { PG_URL: created.url, BUS_FANOUT: 'postgres', LOG_LEVEL: 'fatal' };
  const start = async () => {
    const imports = [
      ConfigModule.forRoot([postgresConfig, telemetryConfig, messagingConfig], settings),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations: [] }),
      MessagingModule.inProcess({ fanouts: [postgresFanout] }),
    ];
    const app = await NestFactory.createApplicationContext({ module: class App {}, imports }, { logger: false, abortOnError: false });
    const adapter = app.get<MessagingAdapter>(MESSAGING_ADAPTER);
    const reader = new Reader();
    adapter.events.subscribe(reader);
    await adapter.serve({ requests: new Map(), work: new Map() });
    const stop = async (): Promise<void> => {
      await adapter.stop();
      await app.close();
    };
    return { adapter, reader, stop };
  };
  const [one, two] = [await start(), await start()];
  await one.adapter.events.publish([event('thread:a', 9)]);
  await vi.waitUntil(() => two.reader.heads.length === 1, { interval: 1, timeout: 5000 });
  expect([one.reader.seen.length, two.reader.heads]).toEqual([1, [{ channel: 'thread:a', seq: 9 }]]);
  await Promise.all([one.stop(), two.stop()]);
});
