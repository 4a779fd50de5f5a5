/** Notices as they run: real Postgres, the owner loop of the event log, the in-process bus, chat and auth beside them. */
import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type AnswerOf,
  type ChannelEvent,
  type CommandContract,
  type CommandDone,
  type CommandReply,
  CreateThread,
  GetBadge,
  ListNotices,
  type Notice,
  RegisterUser,
  type RequestContract,
  SendMessage,
  threadChannel,
  userChannel,
} from '@veche/contracts';
import { authConfig, authMigrations, AuthModule } from '@veche/domain-auth';
import { chatConfig, chatMigrations, ChatModule } from '@veche/domain-chat';
import { EventLog, eventLogConfig, eventLogMigrations, EventLogModule } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import {
  ask,
  COMMAND_BUS,
  type CommandBus,
  EVENT_BUS,
  type EventBus,
  MESSAGING_ADAPTER,
  messagingConfig,
  MessagingModule,
  REQUEST_BUS,
  type RequestBus,
  VecheStrategy,
} from '@veche/platform-messaging';
import { Database, migrate, type Migration, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase, eventually } from '@veche/testing';
import type { z } from 'zod';
import { NoticeChannelModule, notificationConfig, notificationMigrations, NotificationModule } from '../src/index.ts';

const all = [...eventLogMigrations, ...authMigrations, ...chatMigrations, ...notificationMigrations];

export interface House {
  readonly url: string;
  readonly database: Database;
  readonly log: EventLog;
  readonly bus: CommandBus;
  readonly adapter: object;
  readonly events: ChannelEvent[];
  get<T>(type: Type<T> | symbol): T;
  send<C extends CommandContract>(contract: C, channel: string, actor: string, data: z.input<C['schema']>, commandId?: string): Promise<CommandReply>;
  done<C extends CommandContract>(contract: C, channel: string, actor: string, data: z.input<C['schema']>, commandId?: string): Promise<CommandDone>;
  ask<C extends RequestContract>(contract: C, query: z.input<C['schema']>): Promise<AnswerOf<C>>;
  stop(): Promise<void>;
}

export interface Options {
  readonly env?: Record<string, string>;
  /** The database of another house; without it one of its own, dropped at the end. */
  readonly on?: string;
  readonly modules?: readonly (Type | DynamicModule)[];
  readonly migrations?: readonly Migration[];
}

const SETTINGS = [postgresConfig, redisConfig, telemetryConfig, messagingConfig, eventLogConfig, authConfig, chatConfig, notificationConfig];

export async function openHouse({
  env = {},
  on,
  modules = [AuthModule, ChatModule, NoticeChannelModule, NotificationModule],
  migrations = all,
}: Options = {}): Promise<House> {
  const own = on === undefined ? await createDatabase({ name: 'notification', prepare: async (url) => void (await migrate(url, all)) }) : undefined;
  const url = own?.url ?? on ?? '';
  // Called, not written as a decorator: tests are outside the projects whose compiler options allow decorators.
  class TestModule {}
  Module({
    imports: [
      ConfigModule.forRoot(SETTINGS, {
        PG_URL: url,
        LOG_LEVEL: process.env['TEST_LOG'] ?? 'fatal',
        NOTIFICATION_ABSENT_AFTER_MS: '3600000',
        NOTIFICATION_ROUND_INTERVAL_MS: '0',
        NOTIFICATION_SWEEP_INTERVAL_MS: '1000',
        ...env,
      }),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations }),
      RedisModule,
      MessagingModule.inProcess(),
      EventLogModule,
      ...modules,
    ],
  })(TestModule);
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  const strategy = app.get(VecheStrategy);
  await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error as Error) : resolve())));
  const bus = app.get<CommandBus>(COMMAND_BUS);
  const requests = app.get<RequestBus>(REQUEST_BUS);
  const events: ChannelEvent[] = [];
  app.get<EventBus>(EVENT_BUS).subscribe({
    wants: () => true,
    events: (batch) => void events.push(...batch),
    signals: () => undefined,
    advanced: () => undefined,
    interrupted: () => undefined,
  });
  const send: House['send'] = ({ kind }, channel, actor, data, command_id = randomUUID()) =>
    bus.send({ kind, channel, actor, command_id, data, meta: null, deadline: Date.now() + 10_000 });
  return {
    url,
    database: app.get(Database),
    log: app.get(EventLog),
    bus,
    adapter: app.get<object>(MESSAGING_ADAPTER),
    events,
    get: (type) => app.get(type, { strict: false }),
    send,
    done: async (...command) => {
      const reply = await send(...command);
      if (!reply.ok) throw new Error(`${command[0].kind} by ${command[2]} was refused: ${reply.error}: ${reply.message}`);
      return reply;
    },
    ask: (contract, query) => ask(requests, contract, query),
    stop: async () => {
      await strategy.close();
      await app.close();
      await own?.drop();
    },
  };
}

/** A user of the auth service; logins are unique in the run. */
export async function register(house: House, name: string): Promise<{ readonly id: string; readonly login: string }> {
  const login = `${name}-${randomUUID().slice(0, 8)}`;
  const { user } = await house.ask(RegisterUser, { login, password: 'a password of some length' });
  return { id: user.id, login };
}

export async function thread(house: House, owner: string, members: readonly string[]): Promise<string> {
  const channel = threadChannel(randomUUID());
  await house.done(CreateThread, channel, owner, { title: 'A thread', members: [...members] });
  return channel;
}

export const say = (house: House, channel: string, actor: string, text: string, reply_to?: string): Promise<CommandDone> =>
  house.done(SendMessage, channel, actor, { text, ...(reply_to !== undefined && { reply_to }) });

/** What somebody was told, the oldest first. */
export async function noticesOf(house: House, user: string): Promise<readonly Notice[]> {
  return (await house.ask(ListNotices, { user, limit: 100 })).notices.toReversed();
}

export const kindsOf = async (house: House, user: string): Promise<readonly string[]> => (await noticesOf(house, user)).map(({ kind }) => kind);

/** Waits until somebody was told so much. */
export const told = (house: House, user: string, ...kinds: readonly string[]): Promise<unknown> =>
  eventually(async () => JSON.stringify(await kindsOf(house, user)) === JSON.stringify(kinds), { what: `${user} is told ${kinds.join(', ')}` });

export const badge = async (house: House, user: string): Promise<number> => (await house.ask(GetBadge, { user })).unread;

/** Waits until all logs are followed and nothing is due. */
export const settled = (house: House): Promise<unknown> =>
  eventually(
    async () => {
      const [row] = await house.database.query<{ readonly open: number }>({
        text: `SELECT (SELECT count(*) FROM channel c LEFT JOIN notice_cursor k ON k.channel = c.name
            WHERE (c.name LIKE 'thread:%' OR c.name LIKE 'user:%') AND c.last_seq > greatest(coalesce(k.seq, 0), coalesce(k.past, 0))) + (SELECT count(*) FROM notice_due) AS open`,
      });
      return row?.open === 0;
    },
    { timeoutMs: 20_000, what: 'all logs are followed and nothing is due' },
  );

/** What must be true of the rows whatever has happened. */
export const LAWS = [
  // The badge is the number of unread notices, and the figure of the last event that says one.
  `SELECT b.user_id FROM notice_inbox b WHERE b.unread <> (SELECT count(*) FROM notice n WHERE n.user_id = b.user_id AND NOT n.read AND n.seq > b.read_through)`,
  `SELECT b.user_id FROM notice_inbox b WHERE b.seq > 0 AND b.unread <> (
     SELECT (e.data ->> 'unread')::int FROM event e JOIN channel c ON c.slot = e.slot AND c.id = e.channel
     WHERE c.name = 'user:' || b.user_id AND e.data ->> 'unread' IS NOT NULL ORDER BY e.seq DESC LIMIT 1)`,
  // Nobody is told of one event twice, nor of what they said themselves.
  `SELECT user_id, thread, thread_seq FROM notice GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  `SELECT user_id FROM notice WHERE said_by = user_id`,
  // At most one absence a thread that is not read.
  `SELECT user_id, thread FROM notice WHERE kind = 'absent' AND NOT read GROUP BY 1, 2 HAVING count(*) > 1`,
];

export const inbox = userChannel;
