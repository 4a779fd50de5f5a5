import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { unprivileged } from '../postgres/privileges.ts';
import { answers } from '../servers/answers.ts';
import { startAtHome } from '../servers/at-home.ts';
import type { ServerControl } from '../servers/control.ts';
import { giveToNobody, privateFolder } from '../servers/folders.ts';
import { nginxConfiguration, type NginxRoutes } from './nginx-config.ts';
import { programFile } from '../servers/programs.ts';
import { ServerProcess } from '../servers/server-process.ts';

export interface NginxOptions {
  readonly routes: NginxRoutes;
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  readonly output?: (text: string) => void;
}

export interface NginxServer extends ServerControl {
  readonly origin: string;
  readonly port: number;
  /** Ends it and removes what it wrote. */
  remove(): Promise<void>;
}

/** A private nginx in front of the doors: round robin, no stickiness. @throws Error with how to install it */
export async function startNginx({ routes, port, host = '127.0.0.1', output }: NginxOptions): Promise<NginxServer> {
  const home = privateFolder('nginx');
  const chosen = port ?? (await freePort());
  for (const name of ['body', 'proxy', 'other']) {
    mkdirSync(join(home, name));
    giveToNobody(join(home, name));
  }
  const config = join(home, 'nginx.conf');
  writeFileSync(config, nginxConfiguration({ routes, listen: `${host.includes(':') ? `[${host}]` : host}:${chosen}`, home }));
  // The directive `user` is refused to an ordinary user, and here everybody is one.
  const { file, args } = unprivileged({ file: programFile('nginx'), args: ['-p', home, '-c', config, '-e', 'stderr'] }, 'SIGTERM');
  const server = new ServerProcess({
    name: 'nginx',
    command: [file, ...args],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    port: chosen,
    ready: () => answers(chosen),
    ...(output && { output }),
  });
  return startAtHome(server, home, { origin: `http://127.0.0.1:${chosen}`, port: chosen });
}
