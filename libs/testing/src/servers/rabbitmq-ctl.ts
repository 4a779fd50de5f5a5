import { execFile } from 'node:child_process';
import { rabbitCommand, type RabbitEnv, type RabbitVersion } from './rabbitmq-program.ts';

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

/** One call of a second instead of two: the vhost and the rights on it. */
const create = (name: string, user: string): string =>
  `{rabbit_vhost:add(<<"${name}">>, <<"veche">>), rabbit_auth_backend_internal:set_permissions(<<"${user}">>, <<"${name}">>, <<".*">>, <<".*">>, <<".*">>, <<"veche">>)}.`;

export async function createVhost(node: RabbitNode, name: string): Promise<void> {
  const said = await rabbitmqctl(node, ['eval', create(name, node.user)]);
  if (!/\{ok,ok\}/.test(said)) throw new Error(`the vhost ${name} was not made: ${said.trim()}`);
}

export const deleteVhost = async (node: RabbitNode, name: string): Promise<void> => void (await rabbitmqctl(node, ['delete_vhost', name]));

/** `through`: the port of a proxy. */
export const vhostUrl = ({ user, password, port }: RabbitNode, name: string, through: number = port): string =>
  `amqp://${user}:${encodeURIComponent(password)}@127.0.0.1:${through}/${encodeURIComponent(name)}`;
