/** The server under measurement: the built app on core 0 with a durable private Postgres, as a laptop runs it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres } from '@veche/testing';
import { NODE_FLAGS } from '../dev/node-flags.ts';
import { atTheEnd } from './ends.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const API_KEY = 'bench-key-of-sixteen-characters';
const HMAC_SECRET = 'bench-secret-of-thirty-two-characters';

export interface BenchServer {
  readonly port: number;
  readonly privatePort: number;
  readonly pid: number;
  readonly postgresPid: number;
  readonly postgresUrl: string;
  /** A call of the backend API. */
  readonly api: (method: string, params: object) => Promise<Record<string, unknown>>;
  /** A REST call as a user. */
  readonly post: <T>(path: string, body: object, token?: string) => Promise<T>;
  /** A connection token of a foreign issuer for this user. */
  readonly tokenOf: (user: string) => string;
  readonly stop: () => Promise<void>;
}

/**
 * Without limits that would measure the limiter, with one open namespace `bench` that keeps nothing. A message that a machine with other work on it
 * answers after the usual 3 or 5 s is late, and no failure: its deadline would take it out of the load.
 */
export const SETTINGS = {
  RPC_TIMEOUT_MS: '30000',
  PG_QUERY_TIMEOUT_MS: '20000',
  LOG_LEVEL: 'error',
  AUTH_API_KEYS: `bench:${API_KEY}`,
  AUTH_HMAC_SECRET: HMAC_SECRET,
  CLIENT_ALLOW_ANONYMOUS: 'true',
  CHANNELS_NAMESPACES: JSON.stringify([{ name: 'bench', subscribe: 'anyone', publish: 'anyone' }]),
  GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8',
};

/**
 * Whatever fails on the way is taken down again: a Postgres left behind would keep this process, and its folder, for ever.
 * @param cores as taskset takes them
 */
export async function startServer(env: Readonly<Record<string, string>> = {}, cores = '0'): Promise<BenchServer> {
  const home = mkdtempSync(join(tmpdir(), 'veche-bench-'));
  const end = atTheEnd(async () => rmSync(home, { recursive: true, force: true }));
  try {
    const postgres = await startPostgres({ dataDir: join(home, 'data'), durable: true });
    end.first(() => postgres.stop());
    const [port, privatePort] = [await freePort(), await freePort()];
    const settings = { ...process.env, ...SETTINGS, PG_URL: postgres.url, VECHE_PORT: `${port}`, VECHE_PRIVATE_PORT: `${privatePort}`, ...env };
    execFileSync('node', ['apps/migrate/dist/main.js'], { cwd: ROOT, env: settings, stdio: ['ignore', 'ignore', 'inherit'] });
    const child = spawn('taskset', ['-c', cores, 'node', ...NODE_FLAGS, ...flags(), 'apps/standalone/dist/main.js'], {
      cwd: ROOT,
      env: settings,
      // Its log, errors alone, goes where the progress goes: standard output is the table's.
      stdio: ['ignore', 2, 'inherit'],
    });
    end.first(() => kill(child));
    await ready(`http://127.0.0.1:${privatePort}/health/ready`, child);
    return {
      port,
      privatePort,
      pid: child.pid ?? 0,
      postgresPid: postgres.pid,
      postgresUrl: postgres.url,
      post: (path, body, token) => post(port, path, body, token),
      api: (method, params) => callApi(port, method, params),
      tokenOf,
      stop: () => end.now(),
    };
  } catch (error) {
    await end.now();
    throw error;
  }
}

/** For a look at where the time goes: `BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir=…"`. */
export const flags = (): string[] => (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');

/** A profile is written at an orderly end only. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(flags().length > 0 ? 'SIGTERM' : 'SIGKILL');
  await gone;
}

const START_MS = 60_000;

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (const end = Date.now() + START_MS; Date.now() < end;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server ended at its start: it says why above');
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server was not ready within ${START_MS / 1000} s`);
}

async function callApi(port: number, method: string, params: object): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify(params),
  });
  const answer = (await response.json()) as { result?: Record<string, unknown>; error?: unknown };
  if (!answer.result) throw new Error(`${method}: ${JSON.stringify(answer)}`);
  return answer.result;
}

export async function post<T>(port: number, path: string, body: object, token?: string): Promise<T> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export function tokenOf(user: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, exp: Math.floor(Date.now() / 1000) + 86_400 })}`;
  return `${body}.${createHmac('sha256', HMAC_SECRET).update(body).digest('base64url')}`;
}
