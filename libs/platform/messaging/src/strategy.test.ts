import 'reflect-metadata';
import { Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthorizeThread, FindUsers, GetThread, SendMessage } from '@veche/contracts';
import { ConfigModule } from '@veche/platform-config';
import { Metrics, TelemetryModule, telemetryConfig } from '@veche/platform-telemetry';
import { of } from 'rxjs';
import { afterEach, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { CommandHandler, RequestHandler } from './handlers.ts';
import { messagingConfig } from './messaging.config.ts';
import { MessagingModule } from './messaging.module.ts';
import type { BatchProcessor, CommandBus, RequestBus } from './ports.ts';
import { VecheStrategy } from './strategy.ts';
import { BATCH_PROCESSOR, COMMAND_BUS, COMMAND_HANDLERS, REQUEST_BUS } from './tokens.ts';

/** Decorates a method as `@Decorator` would; test files are outside the packages whose compiler options allow decorators. */
function mark(target: Type, method: string, decorator: unknown): void {
  (decorator as MethodDecorator)(target.prototype as object, method, Object.getOwnPropertyDescriptor(target.prototype, method)!);
}

class Users {
  private readonly users = [{ id: '1', login: 'ann', name: 'Ann' }];
  async find(query: { ids: string[] }): Promise<object> {
    return { users: this.users.filter(({ id }) => query.ids.includes(id)) };
  }
  observed(): unknown {
    return of({ subscribe: true });
  }
}
Injectable()(Users);
mark(Users, 'find', RequestHandler(FindUsers));
mark(Users, 'observed', RequestHandler(AuthorizeThread));

class Sender {
  async send(): Promise<void> {}
}
Injectable()(Sender);
mark(Sender, 'send', CommandHandler(SendMessage));

class SecondSender extends Sender {}
Injectable()(SecondSender);

const processor: BatchProcessor = { process: async (batch) => batch.map((_, index) => ({ ok: true, id: null, seq: index, epoch: 'e', ts: 1 })) };

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(providers: Type[]): Promise<{ get: <T>(token: symbol) => T; strategy: VecheStrategy }> {
  class Root {}
  Module({
    imports: [ConfigModule.forRoot([telemetryConfig, messagingConfig], { LOG_LEVEL: 'silent' }), TelemetryModule, MessagingModule.inProcess()],
    providers: [...providers, { provide: BATCH_PROCESSOR, useValue: processor }],
  })(Root);
  const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  running.push(app);
  const strategy = app.get(VecheStrategy);
  return { get: (token) => app.get(token), strategy };
}

const listening = (strategy: VecheStrategy): Promise<unknown> => new Promise((resolve) => void strategy.listen(resolve));

it('calls marked methods of ordinary providers, on their instance, with validated data', async () => {
  const { get, strategy } = await start([Users]);
  expect(await listening(strategy)).toBeUndefined();
  const bus = get<RequestBus>(REQUEST_BUS);
  expect(await ask(bus, FindUsers, { ids: ['1', '2'] })).toEqual({ users: [{ id: '1', login: 'ann', name: 'Ann' }] });
  await strategy.close();
});

it('unwraps an Observable that a handler answers with', async () => {
  const { get, strategy } = await start([Users]);
  await listening(strategy);
  expect(await ask(get<RequestBus>(REQUEST_BUS), AuthorizeThread, { channel: 'thread:a', subject: { user: 'ann' } })).toEqual({ subscribe: true });
});

it('refuses a query that breaks its contract and names the field; what a newer asker adds is ignored', async () => {
  const { get, strategy } = await start([Users]);
  await listening(strategy);
  const bus = get<RequestBus>(REQUEST_BUS);
  await expect(bus.ask(FindUsers.kind, { ids: [''] })).rejects.toMatchObject({ error: 'bad_request', details: [{ path: 'ids.0' }] });
  expect(await bus.ask(FindUsers.kind, { ids: ['1'], added_later: true })).toEqual({ users: [{ id: '1', login: 'ann', name: 'Ann' }] });
  await expect(bus.ask(GetThread.kind, {})).rejects.toMatchObject({ error: 'unavailable' });
});

it('hands command handlers to the owner loop by kind, and commands to its batches', async () => {
  const { get, strategy } = await start([Sender]);
  await listening(strategy);
  expect([...get<Map<string, unknown>>(COMMAND_HANDLERS).keys()]).toEqual([SendMessage.kind]);
  const command = { kind: SendMessage.kind, channel: 'thread:a', actor: 'ann', command_id: 'c', data: { text: 'hi' }, meta: null, deadline: Date.now() + 1000 };
  expect(await get<CommandBus>(COMMAND_BUS).send(command)).toMatchObject({ ok: true });
});

it('does not start with two handlers for one kind', async () => {
  const { strategy } = await start([Sender, SecondSender]);
  expect(await listening(strategy)).toMatchObject({ message: expect.stringContaining(`two handlers for ${SendMessage.kind}`) });
});

it('measures requests by kind and result', async () => {
  const { get, strategy } = await start([Users]);
  await listening(strategy);
  await ask(get<RequestBus>(REQUEST_BUS), FindUsers, { ids: [] });
  const metrics = (running[0] as unknown as { get: (type: typeof Metrics) => Metrics }).get(Metrics);
  expect((await metrics.render()).body).toContain('veche_messaging_request_duration_seconds_count{kind="auth.find-users.v1",result="ok"} 1');
});
