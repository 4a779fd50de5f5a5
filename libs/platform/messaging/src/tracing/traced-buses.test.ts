import 'reflect-metadata';
import { Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CommandEnvelope, FindUsers } from '@veche/contracts';
import { ConfigModule } from '@veche/platform-config';
import { Logger, Metrics, type RecordedTracing, recordedTracing, Tracing } from '@veche/platform-telemetry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RequestHandler } from '../handlers.ts';
import { messagingConfig } from '../messaging.config.ts';
import { MessagingModule } from '../messaging.module.ts';
import type { CommandBus, RequestBus } from '../ports.ts';
import { VecheStrategy } from '../strategy.ts';
import { COMMAND_BUS, REQUEST_BUS } from '../tokens.ts';
import { tracedCommands, tracedRequests, tracedWork } from './traced-buses.ts';

/** Asks itself once more from within: whose trace is that? */
class Users {
  seen: (string | undefined)[] = [];
  constructor(private readonly tracing: Tracing) {}
  async find(): Promise<object> {
    this.seen.push(this.tracing.current?.traceId);
    return { users: [] };
  }
}
Injectable()(Users);
Reflect.defineMetadata('design:paramtypes', [Tracing], Users);
(RequestHandler(FindUsers) as MethodDecorator)(Users.prototype, 'find', Object.getOwnPropertyDescriptor(Users.prototype, 'find')!);

let recorded: RecordedTracing;
let app: { get<T>(token: unknown): T; close(): Promise<void> };

class Telemetry {}
beforeEach(async () => {
  recorded = await recordedTracing();
  const providers = [
    { provide: Tracing, useValue: recorded.tracing },
    { provide: Metrics, useValue: new Metrics() },
    { provide: Logger, useValue: Logger.silent() },
  ];
  class Root {}
  Module({
    imports: [
      ConfigModule.forRoot([messagingConfig], {}),
      { module: Telemetry, global: true, providers, exports: providers.map(({ provide }) => provide) },
      MessagingModule.inProcess(),
    ],
    providers: [Users as Type],
  })(Root);
  app = (await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false })) as never;
  await app.get<VecheStrategy>(VecheStrategy).listen(() => {});
});
afterEach(() => app.close());

it('a request within a trace is one of its spans, and its handler another', async () => {
  const { tracing, spans } = recorded;
  const frame = tracing.receive('frame', undefined)!;
  await tracing.during(frame, () => app.get<RequestBus>(REQUEST_BUS).ask(FindUsers.kind, { ids: ['1'] }));
  const [answer, ask] = await spans();
  expect([answer?.name, ask?.name]).toEqual([`answer ${FindUsers.kind}`, `ask ${FindUsers.kind}`]);
  expect([answer?.parent, ask?.parent]).toEqual([ask?.spanId, frame.spanId]);
  expect(app.get<Users>(Users).seen).toEqual([frame.traceId]);
});

it('a request outside of a trace makes no span, even when one in a trace wakes it', async () => {
  const { tracing, spans } = recorded;
  const bus = app.get<RequestBus>(REQUEST_BUS);
  const plain = Array.from({ length: 200 }, () => bus.ask(FindUsers.kind, { ids: ['1'] }));
  await tracing.during(tracing.receive('frame', undefined), () => bus.ask(FindUsers.kind, { ids: ['1'] }));
  await Promise.all(plain);
  expect(app.get<Users>(Users).seen.filter(Boolean)).toHaveLength(1);
  expect(await spans()).toHaveLength(3);
});

it('a command within a trace carries the traceparent of its send, and its span says how it was answered', async () => {
  const { tracing, spans } = recorded;
  const command: CommandEnvelope = { kind: 'k', channel: 'user:7', actor: '', command_id: 'c', data: {}, meta: null, deadline: Date.now() + 1000 };
  await tracing.during(tracing.receive('frame', undefined), () => app.get<CommandBus>(COMMAND_BUS).send(command));
  await app.get<CommandBus>(COMMAND_BUS).send(command);
  expect(await spans()).toMatchObject([{ name: 'send k', attributes: { result_status: 'unavailable', 'veche.namespace': 'user' } }, { name: 'frame' }]);
  expect(JSON.stringify(await spans())).not.toContain('user:7');
});

it('with traces off the ports of the adapter stand there unwrapped', () => {
  const bus = {} as never;
  for (const wrap of [tracedCommands, tracedRequests, tracedWork]) expect(wrap(bus, Tracing.off())).toBe(bus);
});
