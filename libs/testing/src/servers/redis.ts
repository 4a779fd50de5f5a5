import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { tied } from '../postgres/privileges.ts';
import { startAtHome } from './at-home.ts';
import type { ServerControl } from './control.ts';
import { privateFolder } from './folders.ts';
import { programFile } from './programs.ts';
import { ServerProcess } from './server-process.ts';
import { answers } from './answers.ts';

export interface RedisOptions {
  readonly port?: number;
  /** Without one everybody on this machine may connect. */
  readonly password?: string;
  readonly output?: (text: string) => void;
}

export interface RedisServer extends ServerControl {
  readonly url: string;
  readonly port: number;
  /** Ends it and removes what it wrote. */
  remove(): Promise<void>;
}

/** A private Redis that keeps nothing on disk: a restart is an empty one. @throws Error with how to install it */
export async function startRedis({ port, password, output }: RedisOptions = {}): Promise<RedisServer> {
  const home = privateFolder('redis');
  const chosen = port ?? (await freePort());
  const flags = ['--port', String(chosen), '--bind', '127.0.0.1', '--dir', home, '--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  // Not an argument, which everybody can read in the list of processes.
  const config = join(home, 'redis.conf');
  writeFileSync(config, password === undefined ? '' : `requirepass ${password}\n`, { mode: 0o600 });
  const { file, args } = tied({ file: programFile('redis'), args: [config, ...flags] }, 'SIGKILL');
  const server = new ServerProcess({
    name: 'redis',
    command: [file, ...args],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    port: chosen,
    ready: () => answers(chosen, 'PING\r\n', /^(\+PONG|-NOAUTH)/),
    ...(output && { output }),
  });
  return startAtHome(server, home, {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${chosen}`,
    port: chosen,
  });
}
