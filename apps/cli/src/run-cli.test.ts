import { expect, it } from 'vitest';
import { type Command, EXIT, type Given } from './command.ts';
import { dlqCommands } from './dlq.ts';
import { runCli } from './run-cli.ts';
import { topologyCommand } from './topology.ts';

/** Nothing here may reach a broker. */
const unreachable = async (): Promise<never> => {
  throw new Error('no RabbitMQ at amqp://127.0.0.1:5672: connect ECONNREFUSED');
};
const settings = { RABBITMQ_PREFIX: 'veche', BUS_COMMAND_QUEUES: 4, RPC_RETRY_DELAYS_MS: [1000, 5000, 30_000] };
const commands = [...dlqCommands(unreachable), topologyCommand(() => settings)];

async function veche(words: string, all: readonly Command[] = commands): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(words.split(' ').filter(Boolean), all, { stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) } });
  return { code, out, err };
}

it('prints every command with its summary when asked for help', async () => {
  for (const words of ['help', '--help', '-h']) {
    const { code, out } = await veche(words);
    expect(code).toBe(EXIT.done);
    for (const { name } of commands) expect(out).toContain(`veche ${name}`);
  }
});

it('prints the options of one command when asked for its help, without needing a broker or settings', async () => {
  for (const words of ['help dlq redrive', 'dlq redrive --help', 'dlq redrive -h']) {
    const { code, out } = await veche(words);
    expect([code, out]).toEqual([EXIT.done, expect.stringContaining('--queue commands|work')]);
  }
});

it.each([
  ['', 'veche dlq list'],
  ['dlq', 'no command "dlq": there are dlq list'],
  ['dlq delete', 'no command "dlq delete"'],
  ['dlq list --colour', 'no option --colour: veche dlq list has --queue, --limit, --json'],
  ['dlq list -x', 'no option -x'],
  ['dlq list --queue', '--queue wants a value: --queue commands|work'],
  ['dlq list --queue --json', '--queue wants a value: --queue commands|work'],
  ['dlq list --queue events', '--queue is commands or work, not "events"'],
  ['dlq list --json=yes', '--json takes no value'],
  ['dlq list everything', '"everything" is not expected'],
  ['topology now', '"now" is not expected'],
])('refuses "veche %s" with what would be right', async (words, message) => {
  const { code, out, err } = await veche(words);
  expect([code, out]).toEqual([EXIT.usage, '']);
  expect(err).toContain(message);
});

it('ends with 1 and the reason when there is no broker', async () => {
  expect(await veche('dlq list')).toEqual({ code: EXIT.failed, out: '', err: expect.stringContaining('ECONNREFUSED') });
});

it('hands a command what it was given', async () => {
  const seen: Given[] = [];
  const command: Command = {
    name: 'do it',
    takes: '<id>',
    summary: '',
    options: { limit: { type: 'string', description: '' }, yes: { type: 'boolean', description: '' } },
    run: async (given) => {
      seen.push(given);
      return EXIT.done;
    },
  };
  await veche('do it a --limit 7 b --yes', [command]);
  expect(seen).toEqual([{ values: { limit: '7', yes: true }, names: ['a', 'b'] }]);
});

it('prints every queue with its arguments and bindings, for people and for programs', async () => {
  const text = await veche('topology');
  expect(text.code).toBe(EXIT.done);
  for (const line of [
    /^veche\.chat\.commands\.4\.3 .*single-active-consumer=true/m,
    /^veche\.requests +auth\.issue-token\.v1 +veche\.auth\.requests$/m,
    /^veche\.work\.retry\.30000 .*message-ttl=30000/m,
  ])
    expect(text.out).toMatch(line);
  const { queues, exchanges } = JSON.parse((await veche('topology --json')).out) as {
    queues: { name: string; options: { durable: boolean; exclusive?: boolean } }[];
    exchanges: { name: string }[];
  };
  expect(new Set(queues.map(({ name }) => name)).size).toBe(queues.length);
  expect(exchanges.map(({ name }) => name)).toContain('veche.dead');
  for (const { options } of queues) expect(options.durable !== options.exclusive).toBe(true);
});
