import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthorizeChannel, AuthorizeChannels, type CommandReply, OpenChannel, Publish, Published, VecheError } from '@veche/contracts';
import { EventLog, eventLogConfig, eventLogMigrations, EventLogModule, RETENTION, type Retention } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import { ask, COMMAND_BUS, type CommandBus, messagingConfig, MessagingModule, REQUEST_BUS, type RequestBus, VecheStrategy } from '@veche/platform-messaging';
import { migrate, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase } from '@veche/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelsConfig, ChannelModule } from '../src/index.ts';

const NAMESPACES = [
  { name: 'news', history_size: 3, history_ttl: '1h', subscribe: 'anyone', publish: 'subscribers' },
  { name: 'brief', subscribe: 'anyone', publish: 'anyone' },
];

async function openHouse() {
  const db = await createDatabase({ name: 'event-log', prepare: async (url) => void (await migrate(url, eventLogMigrations)) });
  class TestModule {}
  // Called, not written as a decorator: tests are outside the projects whose compiler options allow decorators.
  Module({
    imports: [
      ConfigModule.forRoot([postgresConfig, telemetryConfig, messagingConfig, eventLogConfig, channelsConfig], {
        PG_URL: db.url,
        LOG_LEVEL: 'error',
        CHANNELS_NAMESPACES: JSON.stringify(NAMESPACES),
      }),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations: eventLogMigrations }),
      MessagingModule.inProcess(),
      EventLogModule,
      ChannelModule,
    ],
  })(TestModule);
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  const strategy = app.get(VecheStrategy);
  await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error as Error) : resolve())));
  const commands = app.get<CommandBus>(COMMAND_BUS);
  return {
    log: app.get(EventLog),
    requests: app.get<RequestBus>(REQUEST_BUS),
    retention: app.get<Retention>(RETENTION),
    publish: (channel: string, actor: string, data: object, meta: string | null = null): Promise<CommandReply> =>
      commands.send({ kind: Publish.kind, channel, actor, command_id: randomUUID(), data, meta, deadline: Date.now() + 10_000 }),
    stop: async () => {
      await strategy.close();
      await app.close();
      await db.drop();
    },
  };
}

let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const refusalOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof VecheError ? error.error : String(error)),
  );

test('a publication is kept as it was admitted, byte for byte', async () => {
  const json = '{ "big": 12345678901234567890, "a":1.0, "text": "\\u0000 é 👋" }';
  const meta = '{"info":{"user":"7","client":"c"}}';
  expect(await house.publish('news:today', '7', { json, subscribed: true }, meta)).toMatchObject({ ok: true, seq: 1 });
  const page = await house.log.read('news:today', { after: 0, limit: 10 });
  expect(page?.events).toMatchObject([{ seq: 1, kind: Published.kind, actor: '7', data: json, meta }]);
});

test('a backend publishes where clients may not, and into an inbox', async () => {
  expect(await house.publish('news:board', 'api:billing', { json: '1' })).toMatchObject({ ok: true });
  expect(await house.publish('user:42', 'api:billing', { json: '{"paid":true}' })).toMatchObject({ ok: true });
});

test('what is refused leaves no channel behind', async () => {
  for (const [channel, actor, data, error] of [
    ['news:none', '7', { json: '1' }, 'permission_denied'],
    ['news:none', '7', { json: 'nope', subscribed: true }, 'bad_request'],
    ['brief:none', '7', { json: '1' }, 'not_available'],
    ['unknown:none', 'api:x', { json: '1' }, 'unknown_channel'],
    ['user:7', '7', { json: '1', subscribed: true }, 'permission_denied'],
    ['thread:7', 'api:x', { json: '1' }, 'not_available'],
  ] as const) {
    expect(await house.publish(channel, actor, data), channel).toMatchObject({ ok: false, error });
    if (channel !== 'user:7') expect(await house.log.position(channel)).toBeUndefined();
  }
});

test('refusing one publication does not touch the others of its batch', async () => {
  const replies = await Promise.all(['1', '{', '2'].map((json) => house.publish('news:batch', '7', { json, subscribed: true })));
  expect(replies.map((reply) => (reply.ok ? reply.seq : reply.error))).toEqual([1, 'bad_request', 2]);
});

test('a subscriber of an empty channel gets an epoch to resume with, and keeps it', async () => {
  const opened = await ask(house.requests, OpenChannel, { channel: 'news:empty' });
  expect(opened).toMatchObject({ seq: 0, epoch: expect.stringMatching(/./) as string });
  await house.publish('news:empty', '7', { json: '1', subscribed: true });
  expect(await ask(house.requests, OpenChannel, { channel: 'news:empty' })).toEqual({ ...opened, seq: 1 });
  expect(await ask(house.requests, OpenChannel, { channel: 'user:new' })).toMatchObject({ seq: 0 });
  for (const channel of ['brief:x', 'unknown:x', 'thread:x', 'x']) expect(await refusalOf(ask(house.requests, OpenChannel, { channel }))).toBe('not_available');
});

test('an unknown namespace is told apart from a forbidden channel', async () => {
  expect(await refusalOf(ask(house.requests, AuthorizeChannel, { channel: 'unknown:x', subject: { user: '7' } }))).toBe('unknown_channel');
  expect(await ask(house.requests, AuthorizeChannel, { channel: 'plain', subject: { user: '7' } })).toMatchObject({ subscribe: false, needs_token: true });
});

test('many are answered in order, and one that is refused costs the others nothing', async () => {
  const asks = ['plain', 'unknown:x', 'user:7'].map((channel) => ({ channel, subject: { user: '7' } }));
  const { outcomes } = await ask(house.requests, AuthorizeChannels, { asks });
  expect(outcomes).toMatchObject([{ grant: { needs_token: true } }, { error: 'unknown_channel' }, { grant: { subscribe: true } }]);
});

test('the trim is told what a namespace keeps, and to leave the rest alone', () => {
  expect(house.retention.of('news:today')).toEqual({ size: 3, ttl_ms: 3_600_000 });
  for (const channel of ['brief:x', 'unknown:x', 'user:7', 'thread:1', 'plain']) expect(house.retention.of(channel)).toBeUndefined();
});
