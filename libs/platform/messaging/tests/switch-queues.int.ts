import { createTestVhost, eventually, type TestVhost } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { switchQueues } from '../src/index.ts';
import { command } from './command.fixture.ts';
import { Installation, Owner } from './commands.fixture.ts';
import { metricOf } from './rabbitmq.fixture.ts';

let vhost: TestVhost;
const installations: Installation[] = [];
const install = (queues: number, prefix?: string): Installation => {
  const made = new Installation(vhost.url, { BUS_COMMAND_QUEUES: queues }, prefix);
  installations.push(made);
  return made;
};
const change = (installation: Installation, queues: number): Promise<string> =>
  switchQueues({ RABBITMQ_URL: ['amqp://127.0.0.1:1', vhost.url], RABBITMQ_PREFIX: installation.prefix, BUS_COMMAND_QUEUES: queues });

beforeAll(async () => {
  vhost = await createTestVhost();
});
afterEach(async () => {
  await Promise.all(installations.splice(0).map((each) => each.close()));
});
afterAll(() => vhost.drop());

it('records the number for an installation that has none, and finds it recorded', async () => {
  const installation = install(3);
  expect(await change(installation, 3)).toContain('nothing to do');
  await installation.owner(new Owner());
  expect(await change(installation, 3)).toContain('nothing to do');
});

it('is refused while somebody consumes, while commands wait, and done when neither is so', async () => {
  const old = install(2);
  const chat = await old.owner(new Owner());
  const door = await old.door();
  await expect(change(old, 4)).rejects.toMatchObject({ error: 'conflict', message: expect.stringContaining('stop every process') });
  await chat.adapter.stop();
  const reply = door.adapter.commands.send(command('thread:a', 1, { ms: 20_000 }));
  await eventually(async () => (await metricOf(door.metrics, 'veche_messaging_publishes_total{outcome="confirmed"}')) === 1);
  await expect(change(old, 4)).rejects.toMatchObject({ error: 'conflict', message: expect.stringMatching(/commands\.2\.[01]: \d batches\)/) });
  // As it says: chat empties them, under the number that they had. The refusal has left everything as it was.
  const again = await old.owner(new Owner());
  expect(await reply).toMatchObject({ ok: true });
  await again.adapter.stop();
  expect(await change(old, 4)).toContain('4 command queues from now on');
  const next = install(4, old.prefix);
  await next.owner(new Owner());
  expect(await (await next.door()).adapter.commands.send(command('thread:a', 2))).toMatchObject({ ok: true });
  // A process that was forgotten does no harm: what it sends comes back.
  expect(await door.adapter.commands.send(command('thread:a', 3))).toMatchObject({ ok: false, error: 'unavailable' });
});

it('says that no broker answers, and not with which password', async () => {
  const lost = switchQueues({ RABBITMQ_URL: ['amqp://u:secret@127.0.0.1:1'], RABBITMQ_PREFIX: 'veche', BUS_COMMAND_QUEUES: 8 });
  await expect(lost).rejects.toMatchObject({ error: 'unavailable', message: expect.not.stringContaining('secret') });
});
