import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type AnswerOf, CONTROL_CHANNEL, type RequestContract, type Signal } from '@veche/contracts';
import { ConfigModule } from '@veche/platform-config';
import { ask, EVENT_BUS, type EventBus, messagingConfig, MessagingModule, REQUEST_BUS, type RequestBus, VecheStrategy } from '@veche/platform-messaging';
import { Database, migrate, postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase, type TestDatabase } from '@veche/testing';
import type { z } from 'zod';
import { authConfig, authMigrations, AuthModule } from '../src/index.ts';

export const createAuthDatabase = (): Promise<TestDatabase> =>
  createDatabase({ name: `auth ${authMigrations.map(({ name }) => name).join()}`, prepare: async (url) => void (await migrate(url, authMigrations)) });

/** One process of the auth service, asked over its in-process bus. */
export interface AuthApp {
  ask<C extends RequestContract>(contract: C, query: z.input<C['schema']>): Promise<AnswerOf<C>>;
  readonly database: Database;
  /** Control signals that it sent. */
  readonly controls: unknown[];
  readonly bus: { readonly requests: RequestBus; readonly events: EventBus };
  get<T>(type: new (...args: never[]) => T): T;
  stop(): Promise<void>;
}

export async function startAuth({ url }: TestDatabase, env: Record<string, string> = {}): Promise<AuthApp> {
  class Root {}
  // Called, not written as a decorator: tests are outside the package's tsconfig, which turns decorators on.
  Module({
    imports: [
      ConfigModule.forRoot([authConfig, messagingConfig, postgresConfig, redisConfig, telemetryConfig], {
        PG_URL: url,
        PG_POOL_SIZE: '4',
        LOG_LEVEL: 'fatal',
        ...env,
      }),
      TelemetryModule,
      PostgresModule.forRoot({ entities: [], migrations: authMigrations }),
      RedisModule,
      MessagingModule.inProcess(),
      AuthModule,
    ],
  })(Root);
  const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  const strategy = app.get(VecheStrategy);
  await new Promise<void>((resolve, reject) => void strategy.listen((error) => (error ? reject(error as Error) : resolve())));
  const [requests, events] = [app.get<RequestBus>(REQUEST_BUS), app.get<EventBus>(EVENT_BUS)];
  const controls: unknown[] = [];
  const listening = events.subscribe({
    wants: (channel) => channel === CONTROL_CHANNEL,
    events: () => undefined,
    signals: (batch: readonly Signal[]) => controls.push(...batch.map(({ data }) => JSON.parse(data) as unknown)),
    advanced: () => undefined,
    interrupted: () => undefined,
  });
  return {
    ask: (contract, query) => ask(requests, contract, query),
    database: app.get(Database),
    controls,
    bus: { requests, events },
    get: (type) => app.get(type, { strict: false }),
    stop: async () => {
      listening();
      await strategy.close();
      await app.close();
    },
  };
}

/** The error's name, or 'accepted'. */
export const outcome = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'accepted',
    (error: unknown) => (error as { error?: string }).error ?? String(error),
  );
