import { createServer } from 'node:http';
import 'reflect-metadata';
import { Injectable, Module, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { loadConfig } from '@veche/platform-config';
import { Logger } from '@veche/platform-telemetry';
import { describe, expect, it } from 'vitest';
import { Drains, drainSteps, Readiness, readinessChecks, requireTimeToDrain } from './hooks.ts';
import { addressError, StartError } from './listen.ts';
import { PrivateServer } from './private-server.ts';
import { runtimeConfig } from './runtime.config.ts';
import { ProcessStage } from './stage.ts';
import { stopGracefully } from './stop.ts';

/** Test files are outside the packages whose compiler options allow decorators. */
function provider<T extends Type>(type: T, ...marks: ((type: never) => void)[]): T {
  Injectable()(type);
  for (const mark of marks) mark(type as never);
  return type;
}

async function application(...providers: Type[]): Promise<Awaited<ReturnType<typeof NestFactory.createApplicationContext>>> {
  class Root {}
  Module({ imports: [DiscoveryModule], providers })(Root);
  return NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
}

describe('the stop', () => {
  it('drains by order, then finishes consumers, then closes modules; a step that throws does not keep the next from running', async () => {
    const order: string[] = [];
    const stage = new ProcessStage();
    const doors = provider(
      class Doors {
        async drain(): Promise<void> {
          order.push(`doors while ${stage.current}`);
        }
      },
      Drains(10),
    );
    const broken = provider(
      class Broken {
        async drain(): Promise<void> {
          throw new Error('broken');
        }
      },
      Drains(10),
    );
    const sessions = provider(
      class Sessions {
        async drain(): Promise<void> {
          order.push(`sessions while ${stage.current}`);
        }
      },
      Drains(20),
    );
    const pool = provider(
      class Pool implements OnApplicationShutdown {
        async onApplicationShutdown(): Promise<void> {
          order.push('pool');
        }
      },
    );
    const lines: string[] = [];
    const app = await application(sessions, pool, broken, doors);
    await stopGracefully({
      app,
      server: createServer(),
      consumers: { close: async () => void order.push(`consumers while ${stage.current}`) },
      stage,
      unreadyMs: 0,
      log: Logger.to({ write: (line) => lines.push(line) }),
    });
    expect(order).toEqual(['doors while draining', 'sessions while draining', 'consumers while closing', 'pool']);
    expect(lines.join('')).toContain('"step":"Broken"');
  });

  it('finds each marked provider once, unmarked ones never', async () => {
    const plain = provider(
      class Plain {
        async drain(): Promise<void> {}
      },
    );
    const check = provider(
      class Check {
        async check(): Promise<void> {}
      },
      Readiness('namespaces'),
    );
    const app = await application(plain, check);
    const discovery = app.get(DiscoveryService, { strict: false });
    expect(drainSteps(discovery)).toEqual([]);
    expect(readinessChecks(discovery).map(({ name }) => name)).toEqual(['namespaces']);
    await app.close();
  });
});

describe('the private port', () => {
  const get = async (port: number, path: string): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.json() };
  };

  it('answers before there is an application: alive, not ready', async () => {
    const server = new PrivateServer(new ProcessStage());
    const port = await server.listen('127.0.0.1', 0);
    expect(await get(port, '/health/live')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await get(port, '/health/ready')).toMatchObject({ status: 503, body: { error: { process: { status: 'down', reason: 'starting' } } } });
    expect((await get(port, '/metrics')).status).toBe(503);
    expect((await get(port, '/elsewhere')).status).toBe(404);
    await server.stop();
    await server.stop();
  });

  it('says that the process is stopping, whatever else is well', async () => {
    const stage = new ProcessStage();
    const server = new PrivateServer(stage);
    const port = await server.listen('127.0.0.1', 0);
    server.show({
      health: { ready: async () => ({ status: 200, body: { status: 'ok' } }) },
      metrics: { render: async () => ({ contentType: 'text/plain', body: '{}' }) },
    } as never);
    stage.current = 'ready';
    expect((await get(port, '/health/ready')).status).toBe(200);
    for (const leaving of ['draining', 'closing'] as const) {
      stage.current = leaving;
      expect(await get(port, '/health/ready')).toMatchObject({ status: 503, body: { status: 'shutting_down', error: { process: { reason: leaving } } } });
      expect((await get(port, '/health/live')).status).toBe(200);
    }
    await server.stop();
  });

  it('names the setting when its port is taken', async () => {
    const [first, second] = [new PrivateServer(new ProcessStage()), new PrivateServer(new ProcessStage())];
    const port = await first.listen('127.0.0.1', 0);
    await expect(second.listen('127.0.0.1', port)).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another process: stop it, or set VECHE_PRIVATE_PORT to a free port.`,
    );
    await first.stop();
  });
});

it('explains an address that cannot be listened on', () => {
  const explained = addressError(Object.assign(new Error('x'), { code: 'EACCES' }), '0.0.0.0', 80, 'VECHE_PORT', 'VECHE_HOST');
  expect(explained).toBeInstanceOf(StartError);
  expect((explained as Error).message).toContain('VECHE_PORT');
});

it('refuses a start whose sessions could not be moved before a stop ends by force', () => {
  const drain = async (): Promise<void> => {};
  const window = (ms: number) => [[{ drain }], [{ drain, window: { setting: 'GATEWAY_DRAIN_MS', ms } }]];
  const times = (unready: number) => ({ VECHE_UNREADY_MS: unready, VECHE_SHUTDOWN_MS: 30_000 });
  requireTimeToDrain(window(20_000), times(5_000));
  requireTimeToDrain([[{ drain }]], times(40_000));
  expect(() => requireTimeToDrain(window(30_000), times(0))).toThrow('A stop needs 30000 ms for GATEWAY_DRAIN_MS alone');
  expect(() => requireTimeToDrain(window(20_000), times(15_000))).toThrow('A stop needs 35000 ms for VECHE_UNREADY_MS and GATEWAY_DRAIN_MS alone');
  expect(() => requireTimeToDrain(window(60_000), times(0))).toThrow('raise VECHE_SHUTDOWN_MS to 70000');
});

it('refuses settings that contradict each other', () => {
  expect(() => loadConfig([runtimeConfig], { VECHE_PORT: '9000', VECHE_PRIVATE_PORT: '9000' })).toThrow('need a port of their own');
  expect(() => loadConfig([runtimeConfig], { VECHE_UNREADY_MS: '5000', VECHE_SHUTDOWN_MS: '1000' })).toThrow('VECHE_UNREADY_MS');
});
