import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventLog } from '@veche/event-log';
import { type AnySection, ConfigModule } from '@veche/platform-config';
import { COMMAND_BUS, EVENT_BUS, type EventBus, messagingConfig, REQUEST_BUS } from '@veche/platform-messaging';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { doorsConfig, gatewayConfig, operationsConfig, RealtimeModule, tokensConfig } from '../../src/index.ts';
import { FakeBus } from './fake-bus.ts';
import { FakeLog } from './fake-log.ts';
import { SECRET } from './tokens.ts';

export class Behind {
  /** What stands behind the edge, as fakes. */
  static of(log: FakeLog, bus: FakeBus, events: EventBus = bus): DynamicModule {
    const providers = [
      { provide: EventLog, useValue: log },
      { provide: COMMAND_BUS, useValue: bus },
      { provide: EVENT_BUS, useValue: events },
      { provide: REQUEST_BUS, useValue: bus },
    ];
    return { module: Behind, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}

class Root {}
// Applied as functions: files outside src are compiled without decorators.
Module({})(Behind);
Module({})(Root);

/** The imports of an application with the realtime core over fakes; `more` are the door under test and its sections. */
export function rootOf(
  log: FakeLog,
  bus: FakeBus,
  env: Record<string, string> = {},
  more: { readonly imports?: NonNullable<DynamicModule['imports']>; readonly sections?: readonly AnySection[]; readonly events?: EventBus } = {},
): DynamicModule {
  const sections = [telemetryConfig, messagingConfig, gatewayConfig, operationsConfig, tokensConfig, doorsConfig, ...(more.sections ?? [])];
  const settings = { LOG_LEVEL: 'silent', AUTH_HMAC_SECRET: SECRET, GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8,::1/128', GATEWAY_DRAIN_MS: '0', ...env };
  return {
    module: Root,
    imports: [ConfigModule.forRoot(sections, settings), TelemetryModule, Behind.of(log, bus, more.events), RealtimeModule, ...(more.imports ?? [])],
  };
}

export interface World {
  readonly log: FakeLog;
  readonly bus: FakeBus;
  get<T>(token: abstract new (...args: never[]) => T): T;
  close(): Promise<void>;
}

/**
 * @param joined another world's log and bus: both are then processes of one cluster
 * @param events a fan-out in the place of the bus's
 */
export async function openWorld(env: Record<string, string> = {}, joined?: Pick<World, 'log' | 'bus'>, events?: EventBus): Promise<World> {
  const log = joined?.log ?? new FakeLog();
  const bus = joined?.bus ?? new FakeBus(log);
  const app = await NestFactory.createApplicationContext(rootOf(log, bus, env, events && { events }), { logger: false, abortOnError: false });
  return { log, bus, get: (token) => app.get(token as never), close: () => app.close() };
}
