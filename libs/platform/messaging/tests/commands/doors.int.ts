import { eventually } from '@veche/testing';
import { describe, expect, it } from 'vitest';
import { Topology } from '../../src/rabbitmq/topology.ts';
import { command } from '../command.fixture.ts';
import { Log, Owner } from '../commands.fixture.ts';
import { metricOf } from '../rabbitmq.fixture.ts';
import { gate, useGround } from './ground.fixture.ts';

const ground = useGround();

describe('a door', () => {
  it('that loses its connection sends the same batch again first, and what came later after it', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const { proxy, url } = await ground.proxied();
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
    const installation = ground.install();
    const { proxy, url } = await ground.proxied();
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
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const topology = new Topology(installation.prefix);
    await installation.owner(new Owner());
    const door = await installation.door();
    await ground.onBroker((raw) => raw.unbindQueue(topology.commandQueue(1, 0), topology.commands.name, topology.commandQueue(1, 0)));
    const began = Date.now();
    expect(await door.adapter.commands.send(command('thread:a', 1))).toMatchObject({ ok: false, error: 'unavailable' });
    expect(Date.now() - began).toBeLessThan(1000);
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', 2))).ok);
  });

  it('whose owner is gone hears unknown at the deadline, then refusals at once, and is let through when he is back', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
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

it('a door tells how long its longest waiting command has had no answer', async () => {
  const installation = ground.install();
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
