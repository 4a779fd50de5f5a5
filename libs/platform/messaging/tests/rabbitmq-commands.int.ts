import { createTestVhost, eventually, startTcpProxy, type TcpProxy, type TestVhost } from '@veche/testing';
import { type ConfirmChannel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MessagingConfig } from '../src/index.ts';
import { Topology } from '../src/rabbitmq/topology.ts';
import { queueOf } from '../src/slot.ts';
import { command } from './command.fixture.ts';
import { during, Installation, Log, Owner } from './commands.fixture.ts';
import { metricOf } from './rabbitmq.fixture.ts';

let vhost: TestVhost;
const installations: Installation[] = [];
const proxies: TcpProxy[] = [];

const install = (settings: Partial<MessagingConfig> = {}): Installation => {
  const made = new Installation(vhost.url, settings);
  installations.push(made);
  return made;
};

/** The way to the broker for one process, to be cut. Frozen ends are noticed in 2 s instead of 10. */
async function proxied(): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
  const { port } = new URL(vhost.url);
  const proxy = await startTcpProxy({ target: Number(port) });
  proxies.push(proxy);
  return { proxy, url: `${vhost.url.replace(`:${port}/`, `:${proxy.port}/`)}?heartbeat=1` };
}

const gate = (): { readonly opened: Promise<void>; open: () => void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};

/** A channel for each of `queues` queues. */
const channels = (queues: number): string[] => {
  const found: string[] = [];
  for (let index = 0; found.filter(Boolean).length < queues; index++) found[queueOf(`thread:${index}`, queues)] ??= `thread:${index}`;
  return found;
};

async function onBroker<T>(use: (raw: ConfirmChannel) => Promise<T>): Promise<T> {
  const connection = await connect(vhost.url);
  try {
    return await use(await connection.createConfirmChannel());
  } finally {
    await connection.close();
  }
}

beforeAll(async () => {
  vhost = await createTestVhost();
});
afterEach(async () => {
  await Promise.all(installations.splice(0).map((each) => each.close()));
  await Promise.all(proxies.splice(0).map((each) => each.stop()));
});
afterAll(() => vhost.drop());

describe('several owners', () => {
  it('share the queues evenly, as they come and go', async () => {
    const queues = channels(8);
    const installation = install();
    const door = await installation.door();
    const log = new Log();
    const owners = [new Owner(log), new Owner(log), new Owner(log)];
    let sent = 0;
    /** How many queues each owner handles. */
    const shares = async (): Promise<number[]> => {
      for (const owner of owners) owner.takeDeliveries();
      const replies = await Promise.all(queues.map((channel) => door.adapter.commands.send(command(channel, ++sent))));
      expect(replies.every(({ ok }) => ok)).toBe(true);
      return owners.map((owner) => new Set(owner.deliveries.flatMap((delivery) => delivery.channels)).size);
    };
    const first = await installation.owner(owners[0]!);
    expect(await shares()).toEqual([8, 0, 0]);
    await installation.owner(owners[1]!);
    await eventually(async () => (await shares()).join() === '4,4,0');
    await installation.owner(owners[2]!);
    await eventually(async () => (await shares()).toSorted().join() === '2,3,3');
    await first.adapter.stop();
    await eventually(async () => (await shares()).join() === '0,4,4');
    expect(log.size).toBe(sent);
  });

  it('hand a queue over without losing the order of a channel', async () => {
    const installation = install();
    const door = await installation.door();
    const log = new Log();
    const seen: number[] = [];
    const owners = [new Owner(log), new Owner(log)];
    for (const owner of owners) owner.before = async (batch) => void seen.push(...batch.map(({ data }) => (data as { index: number }).index));
    await installation.owner(owners[0]!);
    let index = 0;
    const replies: Promise<unknown>[] = [];
    const until = gate();
    let sending = true;
    const sender = (async () => {
      while (sending) {
        for (let burst = 0; burst < 20; burst++) replies.push(door.adapter.commands.send(command('thread:a', index++)));
        await during(2);
      }
      until.open();
    })();
    for (let round = 0; round < 3; round++) {
      const guest = await installation.owner(owners[1]!);
      await during(100);
      await guest.adapter.stop();
    }
    sending = false;
    await Promise.all([sender, until.opened]);
    expect((await Promise.all(replies)).every((reply) => (reply as { ok: boolean }).ok)).toBe(true);
    // Each first appearance in order; a repeat is answered from the log.
    const firsts = [...new Set(seen)];
    expect(firsts).toEqual(Array.from({ length: index }, (_, each) => each));
  });

  it('a batch whose owner loses its connection is handled by another, and answered once', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const { proxy, url } = await proxied();
    const log = new Log();
    const [first, second] = [new Owner(log), new Owner(log)];
    const commit = gate();
    first.before = () => commit.opened;
    await installation.owner(first, url);
    const door = await installation.door();
    const reply = door.adapter.commands.send(command('thread:a', 1));
    await eventually(() => first.deliveries.length === 1);
    await installation.owner(second);
    proxy.refuse();
    proxy.cut();
    expect(await reply).toMatchObject({ ok: true, seq: 1 });
    expect(second.deliveries).toEqual([{ ids: ['c-1'], channels: ['thread:a'], attempt: 2 }]);
    // The first finishes its transaction late: its ack belongs to a channel that is gone.
    proxy.heal();
    commit.open();
    expect(await door.adapter.commands.send(command('thread:a', 2))).toMatchObject({ ok: true, seq: 2 });
    expect(log.size).toBe(2);
  });

  it('a frozen owner is replaced, and harms nothing when it thaws', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const { proxy, url } = await proxied();
    const log = new Log();
    const [frozen, second] = [new Owner(log), new Owner(log)];
    const thaw = gate();
    frozen.before = () => thaw.opened;
    await installation.owner(frozen, url);
    const door = await installation.door();
    const reply = door.adapter.commands.send(command('thread:a', 1, { ms: 15_000 }));
    await eventually(() => frozen.deliveries.length === 1);
    await installation.owner(second);
    proxy.mute();
    expect(await reply).toMatchObject({ ok: true, seq: 1 });
    proxy.heal();
    thaw.open();
    const more = await Promise.all([2, 3, 4].map((index) => door.adapter.commands.send(command('thread:a', index))));
    expect(more.map((each) => each.ok && each.seq)).toEqual([2, 3, 4]);
    expect(log.size).toBe(4);
  });
});

describe('a door', () => {
  it('that loses its connection sends the same batch again first, and what came later after it', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const { proxy, url } = await proxied();
    const owner = new Owner();
    const commit = gate();
    owner.before = () => commit.opened;
    await installation.owner(owner);
    const door = await installation.door(url);
    const first = door.adapter.commands.send(command('thread:a', 1));
    await eventually(() => owner.deliveries.length === 1);
    const second = door.adapter.commands.send(command('thread:a', 2));
    proxy.cut();
    commit.open();
    expect(await Promise.all([first, second])).toMatchObject([
      { ok: true, seq: 1 },
      { ok: true, seq: 2 },
    ]);
    expect([...new Set(owner.deliveries.flatMap(({ ids }) => ids))]).toEqual(['c-1', 'c-2']);
  });

  it('without a broker refuses at once, and goes on when it is back', async () => {
    const installation = install();
    const { proxy, url } = await proxied();
    await installation.owner(new Owner());
    const door = await installation.door(url);
    expect(await door.adapter.commands.send(command('thread:a', 1))).toMatchObject({ ok: true });
    proxy.refuse();
    proxy.cut();
    await eventually(async () => {
      const began = Date.now();
      const reply = await door.adapter.commands.send(command('thread:a', 2));
      return !reply.ok && reply.error === 'unavailable' && Date.now() - began < 100;
    });
    await expect(door.adapter.check()).rejects.toThrow('not connected');
    proxy.heal();
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', 3))).ok);
    await door.adapter.check();
  });

  it('is told at once that no queue takes its commands, and that one does again', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const topology = new Topology(installation.prefix);
    await installation.owner(new Owner());
    const door = await installation.door();
    await onBroker((raw) => raw.unbindQueue(topology.commandQueue(1, 0), topology.commands.name, topology.commandQueue(1, 0)));
    const began = Date.now();
    expect(await door.adapter.commands.send(command('thread:a', 1))).toMatchObject({ ok: false, error: 'unavailable' });
    expect(Date.now() - began).toBeLessThan(1000);
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', 2))).ok);
  });

  it('whose owner is gone hears unknown at the deadline, then refusals at once, and is let through when he is back', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const log = new Log();
    const first = await installation.owner(new Owner(log));
    const door = await installation.door();
    await first.adapter.stop();
    expect(await door.adapter.commands.send(command('thread:a', 1, { ms: 300 }))).toMatchObject({ ok: false, error: 'outcome_unknown' });
    const began = Date.now();
    expect(await door.adapter.commands.send(command('thread:a', 2))).toMatchObject({ ok: false, error: 'unavailable', retry_after_ms: 1000 });
    expect(Date.now() - began).toBeLessThan(100);
    const late = new Owner(log);
    await installation.owner(late);
    // He finds the batch that nobody waits for any more. Not knowing the clock of its sender he does it, late, which is what unknown means.
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', 3))).ok);
    expect(new Set(late.deliveries.flatMap(({ ids }) => ids))).toEqual(new Set(['c-1', 'c-3']));
  });
});

describe('the broker', () => {
  it('that cancels a consumer because its queue was deleted is given the queue again', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const owner = new Owner();
    const commit = gate();
    await installation.owner(owner);
    const door = await installation.door();
    owner.before = () => commit.opened;
    const first = door.adapter.commands.send(command('thread:a', 1));
    await eventually(() => owner.deliveries.length === 1);
    await onBroker((raw) => raw.deleteQueue(new Topology(installation.prefix).commandQueue(1, 0)));
    commit.open();
    expect(await first).toMatchObject({ ok: true });
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', 2))).ok, { timeoutMs: 2000 });
  });

  it('that lost a queue with what was in it is sent it again before the deadline', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const first = await installation.owner(new Owner());
    const door = await installation.door();
    await first.adapter.stop();
    const reply = door.adapter.commands.send(command('thread:a', 1));
    await eventually(async () => (await metricOf(door.metrics, 'veche_messaging_publishes_total{outcome="confirmed"}')) === 1);
    await onBroker((raw) => raw.deleteQueue(new Topology(installation.prefix).commandQueue(1, 0)));
    await installation.owner(new Owner());
    expect(await reply).toMatchObject({ ok: true });
  });

  it('whose exchange was deleted is given it again', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    await installation.owner(new Owner());
    const door = await installation.door();
    await onBroker((raw) => raw.deleteExchange(new Topology(installation.prefix).commands.name));
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', Date.now(), { ms: 1000 }))).ok, { timeoutMs: 15_000 });
  });

  it('that has a queue of that name with other arguments is refused, and the queue left alone', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const name = new Topology(installation.prefix).commandQueue(1, 0);
    await onBroker((raw) => raw.assertQueue(name, { durable: true }));
    await expect(installation.owner(new Owner())).rejects.toMatchObject({ error: 'conflict', message: expect.stringContaining(name) });
    await onBroker((raw) => raw.checkQueue(name));
  });

  it('that was set up for another number of queues is refused by every process', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 2 });
    await installation.owner(new Owner());
    const other = new Installation(vhost.url, { BUS_COMMAND_QUEUES: 4 }, installation.prefix);
    installations.push(other);
    const refusal = { error: 'conflict', message: expect.stringMatching(/BUS_COMMAND_QUEUES is 4 here and 2 on the broker/) };
    await expect(other.owner(new Owner())).rejects.toMatchObject(refusal);
    await expect(other.door()).rejects.toMatchObject(refusal);
  });

  it('keeps what is no batch of commands among the dead', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const topology = new Topology(installation.prefix);
    await installation.owner(new Owner());
    await onBroker(async (raw) => {
      raw.publish(topology.commands.name, topology.commandQueue(1, 0), Buffer.from('{"not":"ours"}'), { persistent: true });
      await raw.waitForConfirms();
    });
    await eventually(() => onBroker(async (raw) => (await raw.checkQueue(topology.deadQueue('commands').name)).messageCount === 1));
  });
});

describe('an owner', () => {
  it('whose database is away answers at once, on every queue, and works on when it is back', async () => {
    const installation = install();
    const owner = new Owner();
    const opened = await installation.owner(owner);
    const door = await installation.door();
    expect(await door.adapter.commands.send(command('thread:a', 1))).toMatchObject({ ok: true });
    let away = true;
    owner.probe = async () => {
      if (away) throw new Error('refused');
    };
    Object.assign((opened.adapter as unknown as { owner: { outage: { probe: unknown } } }).owner.outage, { probe: owner.probe });
    const stuck = gate();
    owner.before = () => (away ? stuck.opened : Promise.resolve());
    expect(await door.adapter.commands.send(command('thread:a', 2))).toMatchObject({ ok: false, error: 'outcome_unknown' });
    const began = Date.now();
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => door.adapter.commands.send(command(`thread:${index + 10}`, 10 + index))));
    expect(Date.now() - began).toBeLessThan(200);
    expect(new Set(replies.map((reply) => (reply.ok ? 'ok' : reply.error)))).toEqual(new Set(['unavailable']));
    away = false;
    stuck.open();
    await eventually(async () => (await door.adapter.commands.send(command('thread:z', Date.now()))).ok);
    expect(await metricOf(opened.metrics, 'veche_messaging_outage')).toBe(0);
  });

  it('puts bodies of several doors into one batch', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const owner = new Owner();
    await installation.owner(owner);
    const doors = await Promise.all([installation.door(), installation.door(), installation.door()]);
    const commit = gate();
    owner.before = () => commit.opened;
    const first = doors[0]!.adapter.commands.send(command('thread:a', 0));
    await eventually(() => owner.deliveries.length === 1);
    const rest = doors.slice(1).map((door, index) => door.adapter.commands.send(command('thread:a', index + 1)));
    await eventually(() =>
      onBroker(async (raw) => (await raw.checkQueue(new Topology(installation.prefix).commandQueue(1, 0))).messageCount === 0 && rest.length === 2),
    );
    await eventually(async () => (await metricOf(doors[2]!.metrics, 'veche_messaging_publishes_total{outcome="confirmed"}')) >= 1);
    commit.open();
    expect((await Promise.all([first, ...rest])).every(({ ok }) => ok)).toBe(true);
    expect(owner.deliveries.map(({ ids }) => ids.length)).toEqual([1, 2]);
  });

  it('drops what is past its deadline and answers the rest of the batch', async () => {
    const installation = install({ BUS_COMMAND_QUEUES: 1 });
    const owner = new Owner();
    const commit = gate();
    owner.before = async (_, attempt) => {
      if (attempt === 1) await commit.opened.then(() => Promise.reject(new Error('deadlock')));
    };
    await installation.owner(owner);
    const door = await installation.door();
    const replies = [command('thread:a', 1, { ms: 200 }), command('thread:a', 2)].map((one) => door.adapter.commands.send(one));
    expect(await replies[0]).toMatchObject({ ok: false, error: 'outcome_unknown' });
    commit.open();
    expect(await replies[1]).toMatchObject({ ok: true, seq: 1 });
    expect(owner.deliveries.map(({ ids }) => ids)).toEqual([['c-1', 'c-2'], ['c-2']]);
  });
});

it('a door tells how long its longest waiting command has had no answer', async () => {
  const installation = install();
  const owner = new Owner();
  const commit = gate();
  owner.before = () => commit.opened;
  await installation.owner(owner);
  const door = await installation.door();
  const age = (): Promise<number> => metricOf(door.metrics, 'veche_messaging_oldest_command_age_seconds');
  expect(await age()).toBe(0);
  const began = performance.now();
  const replies = [door.adapter.commands.send(command('thread:a', 1))];
  await eventually(() => owner.deliveries.length === 1);
  replies.push(door.adapter.commands.send(command('thread:a', 2)));
  await eventually(async () => (await age()) >= 0.2);
  expect(await age()).toBeLessThanOrEqual((performance.now() - began) / 1000);
  commit.open();
  await Promise.all(replies);
  expect(await age()).toBe(0);
});
