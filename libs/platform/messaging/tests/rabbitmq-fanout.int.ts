import { createTestVhost, type TestVhost } from '@veche/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RabbitFanout } from '../src/rabbitmq-fanout/fanout.ts';
import { event, fanoutConformance, Reader, signal } from './conformance/fanout.conformance.ts';
import { Cluster, type Process, until } from './shapes.fixture.ts';

let vhost: TestVhost;
let cluster: Cluster;
const fanouts: RabbitFanout[] = [];
beforeAll(async () => {
  vhost = await createTestVhost();
});
beforeEach(() => {
  cluster = new Cluster(vhost.url);
});
afterEach(async () => {
  await Promise.all(fanouts.splice(0).map((fanout) => fanout.stop()));
  await cluster.close();
});
afterAll(() => vhost?.drop());

const made = (process: Process): RabbitFanout => {
  const fanout = new RabbitFanout({ broker: process.broker, topology: process.topology, process: process.id }, process.config, process.telemetry);
  fanouts.push(fanout);
  return fanout;
};

fanoutConformance('RabbitMQ', async (settings) => made(await cluster.process(settings)));

describe('events over RabbitMQ', () => {
  const open = async (url?: string): Promise<{ process: Process; fanout: RabbitFanout; reader: Reader }> => {
    const process = await cluster.process({}, url);
    const [fanout, reader] = [made(process), new Reader()];
    fanout.subscribe(reader);
    await fanout.start();
    return { process, fanout, reader };
  };
  const queueOf = ({ process }: { readonly process: Process }, opening = 1): string => `${cluster.prefix}.events.${process.id}.${opening}`;
  const reaches = (reader: Reader, seq: number): Promise<unknown> =>
    until(() => reader.seen.some((each) => each.seq === seq), { interval: 1, timeout: 15_000 });

  const queues = async (): Promise<string[]> =>
    (await vhost.ctl('list_queues', '-q', '-p', vhost.name, 'name')).split('\n').filter((line) => line.startsWith(`${cluster.prefix}.events.`));

  it('brings nothing to a process that has no readers, until one comes', async () => {
    const [{ fanout: other }, process] = [await open(), await cluster.process()];
    const fanout = made(process);
    await fanout.start();
    await fanout.publish([event('thread:a', 1)]);
    expect(await queues()).toHaveLength(1);
    const reader = new Reader();
    fanout.subscribe(reader);
    await until(() => reader.interruptions === 1);
    await other.publish([event('thread:a', 2)]);
    await reaches(reader, 2);
    expect(await queues()).toHaveLength(2);
  });

  it('gives every process a queue of its own, which goes with it', async () => {
    const [one, two] = [await open(), await open()];
    await one.fanout.publish([event('thread:a', 1)]);
    await Promise.all([reaches(one.reader, 1), reaches(two.reader, 1)]);
    expect(new Set(await queues())).toEqual(new Set([queueOf(one), queueOf(two)]));
    await one.fanout.stop();
    expect(await queues()).toEqual([queueOf(two)]);
  });

  it('collects what is published while one message is in flight', async () => {
    const [{ process, fanout }, { reader }] = [await open(), await open()];
    const before = await process.metric('veche_messaging_publishes_total{outcome="confirmed"}');
    await Promise.all(Array.from({ length: 500 }, (_, index) => fanout.publish([event('thread:a', index + 1)])));
    await reaches(reader, 500);
    expect(reader.seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    expect((await process.metric('veche_messaging_publishes_total{outcome="confirmed"}')) - before).toBeLessThan(20);
  });

  it('hears again after its queue was deleted, and tells readers to check their positions', async () => {
    const [one, two] = [await open(), await open()];
    // Only its own connection may delete an exclusive queue; the server does it here as it does when a node goes.
    await vhost.ctl(
      'eval',
      `rabbit_amqqueue:with(rabbit_misc:r(<<"${vhost.name}">>, queue, <<"${queueOf(two)}">>), fun(Q) -> rabbit_amqqueue:delete(Q, false, false, <<"test">>) end).`,
    );
    await until(() => two.reader.interruptions > 0, { interval: 1, timeout: 10_000 });
    await one.fanout.publish([event('thread:a', 1)]);
    await reaches(two.reader, 1);
    expect(one.reader.interruptions).toBe(0);
  });

  it('hears again after its exchange was deleted', async () => {
    const [one, two] = [await open(), await open()];
    const admin = await cluster.process();
    const raw = await admin.broker.consuming('admin', async () => {}).ready();
    await raw.deleteExchange(cluster.topology.events.name);
    // What is published meanwhile ends as unknown and is tried again, or is returned; either way the next look binds anew.
    await until(
      async () => {
        for (const { fanout } of [one, two]) await fanout.publish([event(`thread:${fanout === one.fanout ? 'one' : 'two'}`, 1)]).catch(() => {});
        return [two.reader, one.reader].every(({ seen }) => new Set(seen.map(({ channel }) => channel)).size === 2);
      },
      { interval: 50, timeout: 15_000 },
    );
  });

  it('says that something is missing when the queue of a slow process dropped its oldest', async () => {
    const [{ fanout }, { reader, process }] = [await open(), await open()];
    await fanout.publish([event('thread:a', 1)]);
    await reaches(reader, 1);
    // As if the broker had dropped the second message of this publisher.
    const other = process.broker.publisher;
    const send = (number: number): Promise<unknown> =>
      other.publish(cluster.topology.events.name, '', Buffer.alloc(0), { messageId: `x.${number}`, appId: 'x', type: 'events', headers: { number } });
    await send(1);
    await send(3);
    await until(() => reader.interruptions === 1, { interval: 1 });
    await send(3);
    await send(2);
    await send(4);
    await fanout.publish([event('thread:a', 2)]);
    await reaches(reader, 2);
    expect(reader.interruptions).toBe(1);
  });

  it('drops signals, and no event, while the broker takes nothing', async () => {
    const { process, fanout } = await open();
    await process.broker.close();
    fanout.signal([signal('thread:a')]);
    await until(async () => (await process.metric('veche_messaging_signals_dropped_total')) === 1, { interval: 1 });
    await expect(fanout.publish([event('thread:a', 1)])).rejects.toMatchObject({ error: 'unavailable' });
  });
});
