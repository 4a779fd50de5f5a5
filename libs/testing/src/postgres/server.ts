import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { postgresBinaries } from './binaries.ts';
import { type CommandLine, runsAsNobody, unprivileged } from './privileges.ts';

export interface PostgresOptions {
  /** Made and initialised when it is not there. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Off: no fsync; a crash of the machine (not of the process) may ruin the data. For tests only. */
  readonly durable: boolean;
  /** Of the superuser, set when the files are made. Without one everybody on this machine may connect: for tests only. */
  readonly password?: string;
  /** More `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Milliseconds until the server must accept connections; recovery after a crash counts. Default 60,000. */
  readonly startTimeoutMs?: number;
}

export interface PostgresServer {
  /** Of the database `postgres` and the superuser. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves with the last lines of the log when the server is gone, for whatever reason. */
  readonly exited: Promise<string>;
  /** Fast shutdown: sessions are cut, data is flushed. Tolerates twice and a server that is gone. */
  stop(): Promise<void>;
  /** SIGKILL to every process of the server, as a power cut of the process; the data folder stays. */
  kill(): Promise<void>;
}

const SUPERUSER = 'postgres';
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };
/** A replica says "read-only connections". */
const READY = /ready to accept (read-only )?connections/;
const PORT_TAKEN = /could not bind|Address already in use/;

/** Starts a private Postgres on 127.0.0.1; throws with the server's own words when it does not come up. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  if (!existsSync(join(options.dataDir, 'PG_VERSION'))) await initialisePostgres(options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options, options.port ?? (await freePort()));
    } catch (error) {
      const raced = options.port === undefined && error instanceof Error && PORT_TAKEN.test(error.message);
      if (!raced || attempt === 5) throw error;
    }
  }
}

/** Makes the files of a new server; a folder in which this was interrupted is not usable. Takes about a second. */
export async function initialisePostgres({ dataDir, durable, password }: Pick<PostgresOptions, 'dataDir' | 'durable' | 'password'>): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (runsAsNobody()) chownSync(dataDir, 65534, 65534);
  // Beside the folder, which must be empty; gone before this returns.
  const secret = `${dataDir}.password`;
  writeFileSync(secret, `${password ?? ''}\n`, { mode: 0o600 });
  if (runsAsNobody()) chownSync(secret, 65534, 65534);
  const access = password === undefined ? ['-A', 'trust'] : ['-A', 'scram-sha-256', `--pwfile=${secret}`];
  const flags = ['-D', dataDir, '-U', SUPERUSER, ...access, '-E', 'UTF8', '--no-locale', '--no-instructions', ...(durable ? [] : ['--no-sync'])];
  const problem = await runToEnd(unprivileged({ file: postgresBinaries().initdb, args: flags }));
  rmSync(secret);
  if (problem !== undefined) throw new Error(`initdb failed in ${dataDir}: ${problem}`);
}

/** @returns its last words when it failed */
function runToEnd({ file, args }: CommandLine): Promise<string | undefined> {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: cleanEnv() });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : words.trim() || `exit ${code}, signal ${signal}`));
  });
}

function launch(options: PostgresOptions, port: number): Promise<PostgresServer> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.durable ? {} : NOT_DURABLE),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args } = unprivileged({ file: postgresBinaries().postgres, args: ['-D', options.dataDir, '-p', String(port), ...flags] });
  // Own process group: Ctrl-C in a terminal must not stop the database before those who still write to it.
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: cleanEnv() });
  return ready(child, postgresUrl(port, options.password), port, options.startTimeoutMs ?? 60_000);
}

/** Of the superuser on the database `postgres`. */
export const postgresUrl = (port: number, password?: string): string =>
  `postgres://${SUPERUSER}${password ? `:${encodeURIComponent(password)}` : ''}@127.0.0.1:${port}/postgres`;

function ready(child: ChildProcess, url: string, port: number, timeoutMs: number): Promise<PostgresServer> {
  return new Promise((resolve, reject) => {
    let log = '';
    const exited = new Promise<string>((gone) => child.once('close', () => gone(log)));
    const server = handle(child, url, port, exited);
    const timer = setTimeout(() => void server.kill().then(() => reject(new Error(`Postgres did not start within ${timeoutMs} ms: ${log}`))), timeoutMs);
    child.once('error', (error) => reject(error));
    void exited.then(() => (clearTimeout(timer), reject(new Error(`Postgres did not start: ${log.trim()}`))));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_096);
      if (!READY.test(log)) return;
      clearTimeout(timer);
      resolve(server);
    });
  });
}

function handle(child: ChildProcess, url: string, port: number, exited: Promise<string>): PostgresServer {
  const signal = (name: NodeJS.Signals, toGroup: boolean) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    process.kill(toGroup ? -child.pid : child.pid, name);
  };
  return {
    url,
    port,
    pid: child.pid ?? 0,
    exited,
    stop: () => (signal('SIGINT', false), exited.then(() => undefined)),
    kill: () => (signal('SIGKILL', true), exited.then(() => undefined)),
  };
}

/** PGDATA, PGPORT and the like of the surrounding shell must not reach the server; messages must be English, we read them. */
const cleanEnv = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' });
