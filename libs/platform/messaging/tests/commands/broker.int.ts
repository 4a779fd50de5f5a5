import { eventually } from '@veche/testing';
import { describe, expect, it } from 'vitest';
import { Topology } from '../../src/rabbitmq/topology.ts';
import { command } from '../command.fixture.ts';
import { Owner } from '../commands.fixture.ts';
import { metricOf } from '../rabbitmq.fixture.ts';
import { gate, useGround } from './ground.fixture.ts';

const ground = useGround();

describe('the broker', () => {
  it('that cancels a consumer because its queue was deleted is given the queue again', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const owner = new Owner();
    const commit = gate();
    await installation.owner(owner);
    const door = await installation.door();
    owner.before = () => commit.opened;
    const first = door.adapter.commands.send(command('thread:a', 1));
    await eventually(() => owner.deliveries.length === 1);
    await ground.onBroker((raw) => raw.deleteQueue(new Topology(installation.prefix).commandQueue(1, 0)));
    commit.open();
    expect(await first).toMatchObject({ ok: true });
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', 2))).ok, { timeoutMs: 2000 });
  });

  it('that lost a queue with what was in it is sent it again before the deadline', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const first = await installation.owner(new Owner());
    const door = await installation.door();
    await first.adapter.stop();
    const reply = door.adapter.commands.send(command('thread:a', 1));
    await eventually(async () => (await metricOf(door.metrics, 'veche_messaging_publishes_total{outcome="confirmed"}')) === 1);
    await ground.onBroker((raw) => raw.deleteQueue(new Topology(installation.prefix).commandQueue(1, 0)));
    await installation.owner(new Owner());
    expect(await reply).toMatchObject({ ok: true });
  });

  it('whose exchange was deleted is given it again', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    await installation.owner(new Owner());
    const door = await installation.door();
    await ground.onBroker((raw) => raw.deleteExchange(new Topology(installation.prefix).commands.name));
    await eventually(async () => (await door.adapter.commands.send(command('thread:a', Date.now(), { ms: 1000 }))).ok, { timeoutMs: 15_000 });
  });

  it('that has a queue of that name with other arguments is refused, and the queue left alone', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const name = new Topology(installation.prefix).commandQueue(1, 0);
    await ground.onBroker((raw) => raw.assertQueue(name, { durable: true }));
    await expect(installation.owner(new Owner())).rejects.toMatchObject({ error: 'conflict', message: expect.stringContaining(name) });
    await ground.onBroker((raw) => raw.checkQueue(name));
  });

  it('that was set up for another number of queues is refused by every process', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 2 });
    await installation.owner(new Owner());
    const other = ground.install({ BUS_COMMAND_QUEUES: 4 }, installation.prefix);
    const refusal = { error: 'conflict', message: expect.stringMatching(/BUS_COMMAND_QUEUES is 4 here and 2 on the broker/) };
    await expect(other.owner(new Owner())).rejects.toMatchObject(refusal);
    await expect(other.door()).rejects.toMatchObject(refusal);
  });

  it('keeps what is no batch of commands among the dead', async () => {
    const installation = ground.install({ BUS_COMMAND_QUEUES: 1 });
    const topology = new Topology(installation.prefix);
    await installation.owner(new Owner());
    await ground.onBroker(async (raw) => {
      raw.publish(topology.commands.name, topology.commandQueue(1, 0), Buffer.from('{"not":"ours"}'), { persistent: true });
      await raw.waitForConfirms();
    });
    await eventually(() => ground.onBroker(async (raw) => (await raw.checkQueue(topology.deadQueue('commands').name)).messageCount === 1));
  });
});
