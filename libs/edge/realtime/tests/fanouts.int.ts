/** What processes of the edge say to each other, over each fan-out as it is. */
import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DescribeNode, ListChannels } from '@veche/contracts';
import { type AnySection, ConfigModule } from '@veche/platform-config';
import {
  MESSAGING_ADAPTER,
  type MessagingAdapter,
  messagingConfig,
  MessagingModule,
  postgresFanout,
  rabbitmqConfig,
  redisFanout,
} from '@veche/platform-messaging';
import { postgresConfig, PostgresModule } from '@veche/platform-postgres';
import { redisConfig, RedisModule } from '@veche/platform-redis';
import { telemetryConfig, TelemetryModule } from '@veche/platform-telemetry';
import { createDatabase, createTestVhost, eventually, startRedis } from '@veche/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster/cluster.ts';
import { Doors } from '../src/doors.ts';
import { CallServer, Membership, NodeCalls } from '../src/node/index.ts';
import { Client } from './client.ts';
import { nodeOf, openStream } from './cluster.ts';
import { openWorld, type World } from './world/world.ts';

class Bus {}
Module({})(Bus);

interface Choice {
  readonly env: Record<string, string>;
  readonly sections: readonly AnySection[];
  readonly imports: NonNullable<DynamicModule['imports']>;
  stop(): Promise<unknown>;
}

async function onRedis(): Promise<Choice> {
  const server = await startRedis();
  return {
    env: { REDIS_URL: server.url, BUS_FANOUT: 'redis' },
    sections: [redisConfig],
    imports: [RedisModule, MessagingModule.inProcess({ fanouts: [redisFanout] })],
    stop: () => server.remove(),
  };
}

async function onNotify(): Promise<Choice> {
  const database = await createDatabase();
  return {
    env: { PG_URL: database.url, BUS_FANOUT: 'postgres' },
    sections: [postgresConfig],
    imports: [PostgresModule.forRoot({ entities: [], migrations: [] }), MessagingModule.inProcess({ fanouts: [postgresFanout] })],
    stop: () => database.drop(),
  };
}

async function onRabbitMq(): Promise<Choice> {
  const vhost = await createTestVhost();
  return { env: { RABBITMQ_URL: vhost.url }, sections: [rabbitmqConfig], imports: [MessagingModule.rabbitmq()], stop: () => vhost.drop() };
}

async function openBus({ env, sections: own, imports }: Choice): Promise<{ adapter: MessagingAdapter; close(): Promise<void> }> {
  const sections = [telemetryConfig, messagingConfig, ...own];
  const module = { module: Bus, imports: [ConfigModule.forRoot(sections, { LOG_LEVEL: 'silent', ...env }), TelemetryModule, ...imports] };
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  const adapter = app.get<MessagingAdapter>(MESSAGING_ADAPTER);
  await adapter.serve({ requests: new Map(), work: new Map() });
  return {
    adapter,
    close: async () => {
      await adapter.stop();
      await app.close();
    },
  };
}

describe.each([
  ['Redis', onRedis],
  ['NOTIFY', onNotify],
  ['RabbitMQ', onRabbitMq],
])('over %s', (_name, choose) => {
  let choice: Choice;
  const buses: { adapter: MessagingAdapter; close(): Promise<void> }[] = [];
  let worlds: [World, World, World];

  beforeAll(async () => {
    choice = await choose();
    const opened: World[] = [];
    for (let n = 0; n < 3; n++) {
      const bus = await openBus(choice);
      buses.push(bus);
      opened.push(await openWorld({ GATEWAY_SERVER_ID: `gw-${n}` }, opened[0], bus.adapter.events));
    }
    worlds = opened as [World, World, World];
    const known = (): boolean => worlds.every((world) => world.get(Membership).isComplete && world.get(Membership).others.length === 2);
    await eventually(known, { what: 'all know all', timeoutMs: 20_000 });
  }, 60_000);
  afterAll(async () => {
    for (const world of worlds ?? []) await world.close();
    for (const bus of buses) await bus.close();
    await choice?.stop();
  });

  it('a survey of all is complete', async () => {
    const { answers, complete } = await worlds[1].get(NodeCalls).survey(DescribeNode, {});
    expect(complete).toBe(true);
    expect(answers.map(({ node }) => node).toSorted()).toEqual(worlds.map(nodeOf).toSorted());
  });

  it('an answer of half a megabyte arrives whole', async () => {
    const channels = Array.from({ length: 10_000 }, (_, at) => [`news:${at}-ä\u{1f600}-${'x'.repeat(20)}`, at] as const);
    worlds[2].get(CallServer).serve(ListChannels, () => ({ channels }));
    const { answers, complete } = await worlds[0].get(NodeCalls).survey(ListChannels, {}, { timeoutMs: 8_000 });
    expect(complete).toBe(true);
    expect(answers.find(({ node }) => node === nodeOf(worlds[2]))!.answer.channels).toEqual(channels);
  });

  it('an uplink of 64 KB reaches its session, and many keep their order', async () => {
    const stream = await openStream(worlds[0], 'anna');
    const large = 'ä'.repeat(32_768);
    const posts = [large, ...Array.from({ length: 50 }, (_, n) => `${n}`)];
    const peer = { address: '192.0.2.7' };
    expect(new Set(await Promise.all(posts.map((data) => worlds[1].get(Doors).emulate(stream.secret, peer, data))))).toEqual(new Set(['delivered']));
    expect(stream.heard).toEqual(posts);
  });

  it('an order to sessions is carried out where they are', async () => {
    const bo = await Client.connected(worlds[2], 'bo');
    await worlds[1].get(Cluster).steer({ do: 'disconnect', user: 'bo', code: 3503, reason: 'force disconnect' });
    expect(bo.transport.closed?.code).toBe(3503);
  });
});
