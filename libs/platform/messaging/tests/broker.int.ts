import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { VecheError } from '@veche/contracts';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { eventually, type RabbitMqServer, startRabbitMq } from '@veche/testing';
import type { ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AmqpBroker } from '../src/rabbitmq/amqp-broker.ts';
import { RabbitMqTelemetry } from '../src/rabbitmq/rabbitmq.telemetry.ts';

let server: RabbitMqServer;
const brokers: AmqpBroker[] = [];
let sent = 0;
const properties = (): { messageId: string; mandatory: true; persistent: true } => ({ messageId: `m-${++sent}`, mandatory: true, persistent: true });
const BODY = Buffer.from('body');

const open = (urls: readonly string[] = [server.url]): AmqpBroker => {
  const broker = new AmqpBroker({
    urls,
    process: 'test',
    telemetry: new RabbitMqTelemetry(new Metrics(), Logger.silent()),
    publishing: async (raw) => void (await raw.assertExchange('x', 'direct', { durable: true })),
    probe: 'x',
  });
  brokers.push(broker);
  return broker;
};
const queue = async (raw: ConfirmChannel, name = 'q'): Promise<void> => {
  await raw.assertExchange('x', 'direct', { durable: true });
  await raw.assertQueue(name, { durable: true });
  await raw.bindQueue(name, 'x', name);
};

beforeAll(async () => {
  server = await startRabbitMq();
});
afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.close()));
});
afterAll(() => server.remove());

it('says what became of each publish: a queue has it, or none took it', async () => {
  const broker = open();
  await broker.ready();
  expect(await broker.publisher.publish('x', 'nowhere', BODY, properties())).toBe('returned');
  await broker.consuming('declare', queue).ready();
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => broker.publisher.publish('x', index % 2 ? 'q' : 'nowhere', BODY, properties())));
  expect(outcomes).toEqual(Array.from({ length: 200 }, (_, index) => (index % 2 ? 'confirmed' : 'returned')));
  expect(await broker.profile()).toMatchObject({ family: '3' });
});

it('tells each of several under one id what became of it', async () => {
  const broker = open();
  await broker.ready();
  await broker.consuming('twins', (raw) => queue(raw, 'twins')).ready();
  const same = { messageId: 'same', mandatory: true } as const;
  const outcomes = ['twins', 'nowhere', 'twins', 'nowhere'].map((key) => broker.publisher.publish('x', key, BODY, same));
  expect(await Promise.all(outcomes)).toEqual(['confirmed', 'returned', 'confirmed', 'returned']);
  const last = [0, 1, 2].map(() => broker.publisher.publish('x', 'twins', BODY, same));
  await server.ctl('close_all_connections', 'twins');
  for (const outcome of await Promise.all(last)) expect(['confirmed', 'unknown']).toContain(outcome);
});

it('opens a channel again that the server closed, and leaves the others alone', async () => {
  const broker = open();
  let openings = 0;
  let lost = 0;
  const other = broker.consuming('other', async () => {});
  const channel = broker.consuming('victim', async () => void openings++);
  channel.onLost = () => lost++;
  const [first, calm] = await Promise.all([channel.ready(), other.ready()]);
  await expect(first.checkQueue('no-such-queue')).rejects.toThrow('404');
  await eventually(() => openings === 2 && channel.raw !== undefined);
  expect(channel.raw).not.toBe(first);
  expect(lost).toBe(1);
  expect(other.raw).toBe(calm);
});

it('publishes again after its channel was closed because an exchange was missing', async () => {
  const broker = open();
  await broker.ready();
  expect(await broker.publisher.publish('missing', 'q', BODY, properties())).toBe('unknown');
  await eventually(async () => (await broker.publisher.publish('x', 'nowhere', BODY, properties())) === 'returned');
});

it('tries a set-up again that threw, and tells who waits when it was refused for good', async () => {
  const broker = open();
  let tries = 0;
  const stumbling = broker.consuming('stumbling', async () => {
    if (++tries < 3) throw new Error('not yet');
  });
  await stumbling.ready();
  expect(tries).toBe(3);
  const refused = broker.consuming('refused', async () => {
    throw new VecheError('conflict', 'exists with other arguments');
  });
  await expect(refused.ready()).rejects.toMatchObject({ error: 'conflict' });
  await expect(broker.check()).rejects.toThrow('exists with other arguments');
});

it('comes back when all connections were closed by the server', async () => {
  const broker = open();
  const channel = broker.consuming('any', async () => {});
  await Promise.all([broker.ready(), channel.ready()]);
  let lost = 0;
  channel.onLost = () => lost++;
  await server.ctl('close_all_connections', 'maintenance');
  await eventually(() => lost === 1);
  await channel.ready();
  await eventually(async () => (await broker.publisher.publish('x', 'nowhere', BODY, properties())) === 'returned');
  await broker.check();
});

it('goes on to the next address when a host accepts and says nothing', async () => {
  const mute: Server = createServer(() => {});
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `amqp://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const broker = open([url, server.url]);
  await broker.ready();
  await broker.consuming('any', async () => {}).ready();
  mute.close();
});

it('while an alarm lasts nothing leaves, typed and at once, and consumers go on', async () => {
  const broker = open();
  const seen: string[] = [];
  await broker.ready();
  const channel = broker.consuming('consumer', async (raw) => {
    await queue(raw, 'alarm');
    await raw.consume('alarm', (message) => {
      if (!message) return;
      seen.push(message.content.toString());
      raw.ack(message);
    });
  });
  await channel.ready();
  const changes: (string | undefined)[] = [];
  broker.publisher.onHindered((reason) => changes.push(reason));
  await server.ctl('set_vm_memory_high_watermark', '0');
  // The server tells only who publishes; this one is caught by the alarm, and unknown.
  const caught = broker.publisher.publish('x', 'alarm', Buffer.from('caught'), properties());
  await eventually(() => broker.publisher.hindered !== undefined);
  expect(broker.publisher.hindered).toMatch(/blocked/);
  // It meets every process alike: to take them all out of service would help nobody.
  await broker.check();
  expect(await broker.publisher.publish('x', 'alarm', BODY, properties())).toBe('unknown');
  expect(broker.publisher.tell('x', 'alarm', BODY, {})).toBe(false);
  await channel.raw?.checkQueue('alarm');
  // A new connection would hear of the alarm only after its first message: it is not told that the way is free.
  const another = open();
  await another.consuming('any', async () => {}).ready();
  expect(another.publisher.hindered).toBeDefined();
  await server.ctl('set_vm_memory_high_watermark', '0.4');
  await eventually(() => broker.publisher.hindered === undefined && another.publisher.hindered === undefined, { timeoutMs: 15_000 });
  await caught;
  expect(await broker.publisher.publish('x', 'alarm', Buffer.from('after'), properties())).toBe('confirmed');
  await eventually(() => seen.includes('after'));
  expect(changes.length).toBeGreaterThanOrEqual(2);
});

it('a frozen broker makes publishes unknown after 4 s, and is found again when it thaws', async () => {
  const broker = open();
  await broker.ready();
  server.freeze();
  const began = Date.now();
  try {
    expect(await broker.publisher.publish('x', 'nowhere', BODY, properties())).toBe('unknown');
    expect(Date.now() - began).toBeGreaterThan(3900);
    expect(Date.now() - began).toBeLessThan(6000);
    await eventually(() => broker.publisher.hindered !== undefined);
  } finally {
    server.thaw();
  }
  await eventually(async () => (await broker.publisher.publish('x', 'nowhere', BODY, properties())) === 'returned', { timeoutMs: 15_000 });
});

/** That keep a process running. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

it('closes although the broker is frozen, and nothing of it keeps the process', async () => {
  const before = timers();
  const broker = open();
  await broker.ready();
  server.freeze();
  const began = Date.now();
  try {
    await broker.close();
    expect(Date.now() - began).toBeLessThan(6000);
    // One more is that of the question itself.
    await eventually(() => timers() <= before + 1, { timeoutMs: 2000 });
  } finally {
    server.thaw();
  }
});

it('says what is wrong when the virtual host is not there', async () => {
  const broker = open([`${server.url.replace(/\/[^/]*$/, '')}/not-there`]);
  await eventually(
    () =>
      broker.check().then(
        () => false,
        (error: unknown) => /virtual host: it must exist/.test((error as Error).message),
      ),
    { timeoutMs: 10_000 },
  );
});
