import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type CommandLine, unprivileged } from '../postgres/privileges.ts';
import { answers } from './answers.ts';
import { startAtHome } from './at-home.ts';
import type { ServerControl } from './control.ts';
import { foreignProgram } from './debian13.ts';
import { giveToNobody, privateFolder } from './folders.ts';
import { programFile } from './programs.ts';
import { ServerProcess } from './server-process.ts';

export interface PgBouncerOptions {
  /** A Postgres that accepts every database name through this address; a proxy may stand between. */
  readonly upstream: string;
  readonly port?: number;
  /** `newer`: 1.24 of Debian 13 where it is unpacked (it carries prepared statements), else that of this system. Default `system`. */
  readonly version?: 'system' | 'newer';
  /** Connections to Postgres for each database and user. Default 20. */
  readonly poolSize?: number;
  /** Default 1,000. */
  readonly maxClients?: number;
  readonly mode?: 'transaction' | 'session';
  /** More lines of `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly output?: (text: string) => void;
}

export interface PgBouncerServer extends ServerControl {
  readonly port: number;
  /** The address of a database through it: takes the URL as it is on Postgres itself. */
  urlOf(direct: string): string;
  /** Ends it and removes what it wrote. */
  remove(): Promise<void>;
}

/** A private PgBouncer, in transaction mode. @throws Error with how to install it */
export async function startPgBouncer(options: PgBouncerOptions): Promise<PgBouncerServer> {
  const home = privateFolder('pgbouncer');
  const port = options.port ?? (await freePort());
  const config = join(home, 'pgbouncer.ini');
  const users = join(home, 'users.txt');
  const { username, password } = new URL(options.upstream);
  writeFileSync(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`, { mode: 0o600 });
  writeFileSync(config, configuration(options, port, users), { mode: 0o600 });
  for (const file of [users, config]) giveToNobody(file);
  // SIGTERM would wait for every client to leave (1.23 and later), and a frozen one does not hear it.
  const { file, args } = unprivileged(programOf(options.version === 'newer', config), 'SIGKILL');
  const server = new ServerProcess({
    name: 'pgbouncer',
    command: [file, ...args],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    port,
    ready: () => answers(port),
    stopSignal: 'SIGQUIT',
    ...(options.output && { output: options.output }),
  });
  return startAtHome(server, home, { port, urlOf: (direct: string) => withPort(direct, port) });
}

function programOf(newer: boolean, config: string): CommandLine {
  const unpacked = newer ? foreignProgram('usr/sbin/pgbouncer') : undefined;
  return unpacked ? { file: unpacked.file, args: [...unpacked.args, config] } : { file: programFile('pgbouncer'), args: [config] };
}

function configuration(
  { upstream, poolSize = 20, maxClients = 1_000, mode = 'transaction', settings = {} }: PgBouncerOptions,
  port: number,
  users: string,
): string {
  const { hostname, port: upstreamPort, password } = new URL(upstream);
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_file: users,
    auth_type: password ? 'scram-sha-256' : 'trust',
    pool_mode: mode,
    default_pool_size: poolSize,
    max_client_conn: maxClients,
    // Set by drivers at connect; PgBouncer could not keep them apart by client.
    ignore_startup_parameters: 'extra_float_digits,options',
    // A Postgres that was restarted is tried again at once, not after 15 s.
    server_login_retry: 1,
    server_check_delay: 0,
    log_connections: 0,
    log_disconnections: 0,
    ...settings,
  };
  const rows = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  return `[databases]\n* = host=${hostname} port=${upstreamPort}\n[pgbouncer]\n${rows.join('\n')}\n`;
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
