/** The chat as it runs: real Postgres, the owner loop of the event log, the in-process bus. */
import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AnswerOf, ChannelEvent, CommandContract, CommandDone, CommandReply, RequestContract, Signal } from '@veche/contracts';
import { VecheError } from '@veche/contracts';
import { EventLog, eventLogConfig, eventLogMigrations, EventLogModule } from '@veche/event-log';
import { ConfigModule } from '@veche/platform-config';
import {
  ask,
  COMMAND_BUS,
  type CommandBus,
  EVENT_BUS,
  type EventBus,
  messagingConfig,
  MessagingModule,
  REQUEST_BUS,
  type RequestBus,
  VecheStrategy,
} from '@veche/platform-messaging';
import { Database, migrate, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase } from '@veche/testing';
import type { z } from 'zod';
import { chatConfig, chatMigrations, ChatModule } from '../src/index.ts';

const migrations = [...eventLogMigrations, ...chatMigrations];

export interface House {
  /** Of the database, for a second process on it. */
  readonly url: string;
  readonly database: Database;
  readonly log: EventLog;
  /** What went out on the fan-out. */
  readonly events: ChannelEvent[];
  readonly signals: Signal[];
  send<C extends CommandContract>(contract: C, channel: string, actor: string, data: z.input<C['schema']>, commandId?: string): Promise<CommandReply>;
  /** Sends and expects it to be applied. */
  done<C extends CommandContract>(contract: C, channel: string, actor: string, data: z.input<C['schema']>, commandId?: string): Promise<CommandDone>;
  /** The name of what the command was refused with, or 'ok'. */
  outcome<C extends CommandContract>(contract: C, channel: string, actor: string, data: z.input<C['schema']>): Promise<string>;
  ask<C extends RequestContract>(contract: C, query: z.input<C['schema']>): Promise<AnswerOf<C>>;
  stop(): Promise<void>;
}

/** @param on the database of another house; without it one of its own, dropped at the end */
export async function openHouse(env: Record<string, string> = {}, on?: string): Promise<House> {
  const own = on === undefined ? await createDatabase({ name: 'chat', prepare: async (url) => void (await migrate(url, migrations)) }) : undefined;
  const url = own?.url ?? on ?? '';
  // Called, not written as a decorator: tests are outside the projects whose compiler options allow decorators.
  class TestModule {}
  Module({
    imports: [
      ConfigModule.forRoot([postgresConfig, telemetryConfig, messagingConfig, eventLogConfig, chatConfig], { PG_URL: url, LOG_LEVEL: 'error', ...env }),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations }),
      MessagingModule.inProcess(),
      EventLogModule,
      ChatModule,
    ],
  })(TestModule);
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  const strategy = app.get(VecheStrategy);
  await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error as Error) : resolve())));
  const bus = app.get<CommandBus>(COMMAND_BUS);
  const requests = app.get<RequestBus>(REQUEST_BUS);
  const events: ChannelEvent[] = [];
  const signals: Signal[] = [];
  app.get<EventBus>(EVENT_BUS).subscribe({
    wants: () => true,
    events: (batch) => events.push(...batch),
    signals: (batch) => signals.push(...batch),
    advanced: () => undefined,
    interrupted: () => undefined,
  });
  const send: House['send'] = ({ kind }, channel, actor, data, command_id = randomUUID()) =>
    bus.send({ kind, channel, actor, command_id, data, meta: null, deadline: Date.now() + 10_000 });
  return {
    url,
    database: app.get(Database),
    log: app.get(EventLog),
    events,
    signals,
    send,
    done: async (...command) => {
      const reply = await send(...command);
      if (!reply.ok) throw new Error(`${command[0].kind} by ${command[2]} was refused: ${reply.error}: ${reply.message}`);
      return reply;
    },
    outcome: async (...command) => {
      const reply = await send(...command);
      return reply.ok ? (reply.id === null ? 'unchanged' : 'ok') : reply.error;
    },
    ask: (contract, query) => ask(requests, contract, query),
    stop: async () => {
      await strategy.close();
      await app.close();
      await own?.drop();
    },
  };
}

/** The name of the error a promise rejects with. */
export const refusalOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof VecheError ? error.error : String(error)),
  );

const TABLES = {
  thread: 'SELECT * FROM thread ORDER BY id',
  member: 'SELECT * FROM member ORDER BY thread, user_id',
  message: 'SELECT *, attachments::text AS attachments FROM message ORDER BY thread, seq',
  reaction: 'SELECT * FROM reaction ORDER BY message, user_id, reaction',
  read_marker: 'SELECT * FROM read_marker ORDER BY user_id, thread',
} as const;

/** Everything the chat has projected. */
export async function tables(database: Database): Promise<Record<string, readonly object[]>> {
  const read = Object.entries(TABLES).map(async ([name, text]) => [name, await database.query<object>({ text })] as const);
  return Object.fromEntries(await Promise.all(read));
}
