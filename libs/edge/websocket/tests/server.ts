/** The WebSocket door on a real HTTP server, over the fakes of the realtime core. */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { FakeBus, FakeLog, rootOf } from './realtime-world.ts';
import { WebSocketEdgeModule, websocketConfig } from '../src/index.ts';

export interface Server {
  readonly log: FakeLog;
  readonly bus: FakeBus;
  readonly port: number;
  readonly url: string;
  get<T>(token: abstract new (...args: never[]) => T): T;
  close(): Promise<void>;
}

export async function startServer(env: Record<string, string> = {}): Promise<Server> {
  const log = new FakeLog();
  const bus = new FakeBus(log);
  const root = rootOf(log, bus, env, { imports: [WebSocketEdgeModule], sections: [websocketConfig] });
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { log, bus, port, url: `ws://127.0.0.1:${port}`, get: (token) => app.get(token as never), close: () => app.close() };
}
