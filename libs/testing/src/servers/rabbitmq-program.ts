import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandLine, tied } from '../postgres/privileges.ts';
import { debian13, debian13Problem, inDebian13 } from './debian13.ts';
import { missingProgram, programFile } from './programs.ts';

export type RabbitVersion = 3 | 4;

/** What the scripts of RabbitMQ read. */
export type RabbitEnv = Readonly<Record<string, string>> & { readonly HOME: string };

/** One sentence when this version cannot be started here. */
export const rabbitMqProblem = (version: RabbitVersion = 3): string | undefined => (version === 4 ? debian13Problem() : missingProgram('rabbitmq'));

/** A script of RabbitMQ as it is run here. */
export function rabbitCommand(version: RabbitVersion, script: 'rabbitmq-server' | 'rabbitmqctl', args: readonly string[], env: RabbitEnv): CommandLine {
  // A crash at our end is one that it recovers from; a frozen node would not hear anything gentler.
  if (version === 3) return tied({ file: join(dirname(programFile('rabbitmq')), script), args }, 'SIGKILL');
  return inDebian13({ file: join(sbinInTree(), script), args }, env.HOME, 'SIGKILL');
}

/** epmd of the same Erlang; it serves one node and dies with us. */
export function epmdCommand(version: RabbitVersion, port: number, env: RabbitEnv): CommandLine {
  const command = { file: 'epmd', args: ['-port', String(port), '-address', '127.0.0.1'] };
  return version === 3 ? tied(command, 'SIGKILL') : inDebian13(command, env.HOME, 'SIGKILL');
}

/** Of the same Erlang: another's may speak another version of its protocol. */
export const erlCallCommand = (version: RabbitVersion, args: readonly string[], env: RabbitEnv): CommandLine =>
  version === 3 ? { file: 'erl_call', args } : inDebian13({ file: 'erl_call', args }, env.HOME, 'SIGKILL');

function sbinInTree(): string {
  const lib = '/usr/lib/rabbitmq/lib';
  const found = readdirSync(join(debian13() ?? '/', lib)).find((name) => name.startsWith('rabbitmq_server-'));
  return join(lib, found ?? '', 'sbin');
}
