/** The stream doors on a port, over the fakes of the realtime core; several of them are processes of one cluster. */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { sseConfig, SseEdgeModule } from '../src/index.ts';
// allowed: import over the fence: one suite for all doors, which no product code may import
import type { DoorServer } from '../../realtime/tests/door.conformance.ts';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
import { FakeBus } from '../../realtime/tests/world/fake-bus.ts';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
import { FakeLog } from '../../realtime/tests/world/fake-log.ts';
// allowed: import over the fence: one world for the tests of all doors, which no product code may import
import { rootOf } from '../../realtime/tests/world/world.ts';

export interface Server extends DoorServer {
  readonly port: number;
}

export async function start(env: Record<string, string> = {}, joined?: Pick<Server, 'log' | 'bus'>): Promise<Server> {
  const log = joined?.log ?? new FakeLog();
  const bus = joined?.bus ?? new FakeBus(log);
  const root = rootOf(log, bus, env, { imports: [SseEdgeModule], sections: [sseConfig] });
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter({ forceCloseConnections: true }), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  return { log, bus, port: (app.getHttpServer().address() as AddressInfo).port, get: (token) => app.get(token as never), close: () => app.close() };
}
