import { eventually } from '@veche/testing';
import { describe, expect, it } from 'vitest';
import { Topology } from '../../src/rabbitmq/topology.ts';
import { command } from '../command.fixture.ts';
import { during, Log, Owner } from '../commands.fixture.ts';
import { metricOf } from '../rabbitmq.fixture.ts';
import { channels, gate, useGround } from './ground.fixture.ts';

const ground = useGround();

describe('several owners', () => {
  it('share the queues evenly, as they come and go', async () => {
    const queues = channels(8);
    const installation = ground.install();
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
    const installation = ground.install();
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
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const { proxy, url } = await ground.proxied();
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
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const { proxy, url } = await ground.proxied();
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

describe('an owner', () => {
  it('whose database is away answers at once, on every queue, and works on when it is back', async () => {
    const installation = ground.install();
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
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const owner = new Owner();
    await installation.owner(owner);
    const doors = await Promise.all([installation.door(), installation.door(), installation.door()]);
    const commit = gate();
    owner.before = () => commit.opened;
    const first = doors[0]!.adapter.commands.send(command('thread:a', 0));
    await eventually(() => owner.deliveries.length === 1);
    const rest = doors.slice(1).map((door, index) => door.adapter.commands.send(command('thread:a', index + 1)));
    await eventually(() =>
      ground.onBroker(async (raw) => (await raw.checkQueue(new Topology(installation.prefix).commandQueue(1, 0))).messageCount === 0 && rest.length === 2),
    );
    await eventually(async () => (await metricOf(doors[2]!.metrics, 'veche_messaging_publishes_total{outcome="confirmed"}')) >= 1);
    commit.open();
    expect((await Promise.all([first, ...rest])).every(({ ok }) => ok)).toBe(true);
    expect(owner.deliveries.map(({ ids }) => ids.length)).toEqual([1, 2]);
  });

  it('drops what is past its deadline and answers the rest of the batch', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
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
