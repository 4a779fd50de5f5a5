import { loadConfig, valuesOf } from '@veche/platform-config';
import { messagingConfig, openDeadLetters, rabbitmqConfig } from '@veche/platform-messaging';
import { createTestVhost, eventually, type TestVhost } from '@veche/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { dlqCommands } from '../src/dlq.ts';
import { runCli } from '../src/run-cli.ts';
import { Graveyard } from '../../../libs/platform/messaging/tests/graveyard.fixture.ts';

let vhost: TestVhost;
let graveyard: Graveyard;
beforeAll(async () => {
  vhost = await createTestVhost();
});
beforeEach(async () => {
  graveyard = await Graveyard.open(vhost.url);
  return () => graveyard.close();
});
afterAll(() => vhost?.drop());

/** As typed by an operator of this test's installation. */
async function veche(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const all = loadConfig([rabbitmqConfig, messagingConfig], { RABBITMQ_URL: vhost.url, RABBITMQ_PREFIX: graveyard.prefix });
  const commands = dlqCommands(async (use) => {
    const { letters, close } = await openDeadLetters({ ...valuesOf(all, rabbitmqConfig), ...valuesOf(all, messagingConfig) });
    try {
      return await use(letters);
    } finally {
      await close();
    }
  });
  const code = await runCli(['dlq', ...words], commands, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) } });
  return { code, out, err };
}

it('says that nothing was given up', async () => {
  expect(await veche('list')).toEqual({ code: 0, out: 'nothing was given up\n', err: '' });
  expect(await veche('list', '--json')).toEqual({ code: 0, out: '[]\n', err: '' });
  expect(await veche('purge', '--all', '--yes')).toMatchObject({ code: 0, out: '0 thrown away\n' });
});

it('lists and shows dead work and dead commands, oldest first, and changes nothing by it', async () => {
  await graveyard.buryWork('unit-1');
  await graveyard.buryWork('unit-2');
  await graveyard.buryCommands(['c-1', 'c-2']);
  for (let look = 0; look < 3; look++) {
    const { code, out } = await veche('list');
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+ +work +chat\.rebuild\.v1 +unit-1 +4 .* provider is down$/m);
    expect(out).toMatch(/^\S+ +commands +chat\.send-message\.v1 +c-1 c-2 /m);
    expect(out.indexOf('unit-1')).toBeLessThan(out.indexOf('unit-2'));
    expect(out).toContain('3 of 3');
  }
  expect((await veche('list', '--queue', 'work', '--limit', '1')).out).toContain('1 of 2');
  const shown = await veche('show', 'unit-1');
  expect(shown.out).toContain('provider is down');
  expect(shown.out).toContain('"payload": "unit-1"');
  const [letter] = JSON.parse((await veche('show', 'c-2', '--json')).out) as { keys: string[]; content: object[] }[];
  expect(letter).toMatchObject({ shape: 'commands', keys: ['c-1', 'c-2'], content: [{ command_id: 'c-1', channel: 'thread:a' }, { command_id: 'c-2' }] });
  expect(await veche('show', 'nobody')).toMatchObject({ code: 1, out: '', err: 'nothing dead has the id nobody\n' });
});

it('redrives one under the same key, and nothing without --yes', async () => {
  await graveyard.buryWork('unit-1');
  await graveyard.buryWork('unit-2');
  expect(await veche('redrive', 'unit-1')).toMatchObject({ code: 3, err: 'nothing was done: add --yes to redrive it\n' });
  expect(await veche('redrive')).toMatchObject({ code: 2 });
  expect(await veche('redrive', 'nobody', '--yes')).toMatchObject({ code: 1, err: 'nothing dead has the id nobody; nothing was done\n' });
  graveyard.heal();
  expect(await veche('redrive', 'unit-1', '--yes')).toMatchObject({ code: 0, out: '1 sent again\n' });
  expect(await graveyard.workedOn('unit-1')).toMatchObject({ kind: 'chat.rebuild.v1', class: 'normal', id: 'unit-1', data: { payload: 'unit-1' } });
  expect((await veche('list')).out).toContain('1 of 1');
});

it('redrives commands under the same command ids, in their order, with time to be handled', async () => {
  await graveyard.buryCommands(['c-1', 'c-2', 'c-3']);
  expect(await veche('redrive', '--all', '--yes')).toMatchObject({ code: 0, out: '1 sent again\n' });
  const commands = await graveyard.commandsArrived();
  expect(commands.map(({ command_id }) => command_id)).toEqual(['c-1', 'c-2', 'c-3']);
  for (const { deadline } of commands) expect(deadline).toBeGreaterThan(Date.now() + 30_000);
  expect((await veche('list')).out).toBe('nothing was given up\n');
});

it('keeps what nobody takes, and says so', async () => {
  await graveyard.buryWork('unit-1', 'chat.forgotten.v1');
  const { code, out, err } = await veche('redrive', '--all', '--yes');
  expect([code, out]).toEqual([1, '0 sent again, 1 stay\n']);
  expect(err).toContain('no queue takes chat.forgotten.v1.normal');
  expect((await veche('list')).out).toContain('1 of 1');
});

it('throws away what is named, and only after --yes', async () => {
  for (const id of ['unit-1', 'unit-2', 'unit-3']) await graveyard.buryWork(id);
  const asked = await veche('purge', 'unit-1', 'unit-3');
  expect([asked.code, asked.err]).toEqual([3, 'nothing was done: add --yes to purge these 2\n']);
  expect(asked.out).not.toContain('unit-2');
  expect(await veche('purge', 'unit-1', 'unit-3', '--yes')).toMatchObject({ code: 0, out: '2 thrown away\n' });
  await eventually(async () => (await veche('list')).out.includes('1 of 1'));
  expect((await veche('list')).out).toContain('unit-2');
});

it('shows what another program left there, and throws it away', async () => {
  await graveyard.buryRubbish('not one of ours');
  expect((await veche('list')).out).toContain('unreadable');
  expect(await veche('redrive', '--all', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') });
  expect(await veche('purge', '--all', '--yes')).toMatchObject({ code: 0, out: '1 thrown away\n' });
});
