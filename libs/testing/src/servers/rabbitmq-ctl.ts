import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { CommandLine } from '../postgres/privileges.ts';
import { erlCallCommand, rabbitCommand, type RabbitEnv, type RabbitVersion } from './rabbitmq-program.ts';

/** A running node, as another process can reach it: plain data. */
export interface RabbitNode {
  readonly version: RabbitVersion;
  readonly nodeName: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly env: RabbitEnv;
}

/** Runs `rabbitmqctl`; about a second. @throws Error with what it said */
export function rabbitmqctl(node: RabbitNode, args: readonly string[]): Promise<string> {
  const { file, args: all } = rabbitCommand(node.version, 'rabbitmqctl', ['-q', '-n', node.nodeName, ...args], node.env);
  return new Promise((resolve, reject) => {
    execFile(file, all, { env: node.env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`rabbitmqctl ${args.join(' ')}: ${stderr.trim() || stdout.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}

/**
 * Runs Erlang on the node; resolves with the printed result. Through `erl_call` in some 20 ms: every test file makes a vhost and drops
 * it, and rabbitmqctl starts an Erlang of its own for each call (0.6 s, several on a loaded machine).
 */
async function evaluate(node: RabbitNode, code: string): Promise<string> {
  // Two callers of one name would be taken for one another.
  const caller = `veche${randomBytes(6).toString('hex')}`;
  const { file, args } = erlCallCommand(node.version, ['-sname', node.nodeName, '-h', caller, '-e'], node.env);
  const said = await run({ file, args }, node.env, `${code}.\n`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return rabbitmqctl(node, ['eval', `${code}.`]);
    throw error;
  });
  return said.trim();
}

function run({ file, args }: CommandLine, env: NodeJS.ProcessEnv, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
      error ? reject(Object.assign(error, { message: `${error.message}\n${stdout}${stderr}` })) : resolve(stdout),
    );
    // One that could not be run has no input to take: its own error says so.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

export async function createVhost(node: RabbitNode, name: string): Promise<void> {
  const all = '<<".*">>';
  const rights = `rabbit_auth_backend_internal:set_permissions(<<"${node.user}">>, <<"${name}">>, ${all}, ${all}, ${all}, <<"veche">>)`;
  const said = await evaluate(node, `{rabbit_vhost:add(<<"${name}">>, <<"veche">>), ${rights}}`);
  if (!/\{ok, ?ok\}/.test(said)) throw new Error(`the vhost ${name} was not made: ${said}`);
}

export async function deleteVhost(node: RabbitNode, name: string): Promise<void> {
  const said = await evaluate(node, `rabbit_vhost:delete(<<"${name}">>, <<"veche">>)`);
  if (!/\bok\b/.test(said) || /error/.test(said)) throw new Error(`the vhost ${name} was not deleted: ${said}`);
}

/** `through`: the port of a proxy. */
export const vhostUrl = ({ user, password, port }: RabbitNode, name: string, through: number = port): string =>
  `amqp://${user}:${encodeURIComponent(password)}@127.0.0.1:${through}/${encodeURIComponent(name)}`;
