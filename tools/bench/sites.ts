/** What a chat message travels through, in one process or in many, with every process that it costs CPU. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppName, startConstellation, startPostgres } from '@veche/testing';
import { atTheEnd } from './ends.ts';
import { type Cpu, cpuOf, since, sumOf } from './process.ts';
import { flags, post, SETTINGS, startServer, tokenOf } from './server.ts';

/** No limit is measured, and users need not sign in one by one: their tokens are a foreign issuer's. */
const OPEN = {
  ...SETTINGS,
  GATEWAY_MESSAGES_PER_MINUTE: '1000000',
  GATEWAY_CONNECTS_PER_USER: '1000000',
  HTTP_REQUESTS_PER_MINUTE: '100000',
  OPERATIONS_FOREIGN_USERS: 'true',
};

export interface Site {
  /** Of the WebSocket doors. */
  readonly ports: readonly number[];
  /** Process ids by name; children count with their parents. */
  readonly parts: Readonly<Record<string, number>>;
  readonly databaseUrl: string;
  /** Undefined where all is one process. */
  readonly rabbitUrl?: string | undefined;
  readonly post: <T>(path: string, body: object, token?: string) => Promise<T>;
  /** Ends a process at once. */
  readonly kill: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Everything in one process. */
export async function startWhole(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const server = await startServer({ ...OPEN, ...env }, '0,1');
  return {
    ports: [server.port],
    parts: { node: server.pid, postgres: server.postgresPid },
    databaseUrl: server.postgresUrl,
    post: server.post,
    kill: () => Promise.reject(new Error('there is one process only')),
    stop: server.stop,
  };
}

export interface ServicesOptions {
  readonly websockets?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Doors and services apart, over RabbitMQ and Redis, with a Postgres whose commits reach the disk. */
export async function startServices({ websockets = 1, env = {} }: ServicesOptions = {}): Promise<Site> {
  const home = mkdtempSync(join(tmpdir(), 'veche-bench-'));
  const end = atTheEnd(async () => rmSync(home, { recursive: true, force: true }));
  try {
    const postgres = await startPostgres({ dataDir: join(home, 'data'), durable: true });
    end.first(() => postgres.stop());
    const profile: Record<string, string> = flags().length > 0 ? { NODE_OPTIONS: flags().join(' ') } : {};
    const veche = await startConstellation({
      topology: 'distributed',
      adminUrl: postgres.url,
      replica: 'none',
      pgbouncer: false,
      replicas: { auth: 1, chat: 1, notification: 0, api: 1, websocket: websockets, sse: 1 },
      env: { ...OPEN, ...env },
      envOf: { websocket: profile, chat: profile },
    });
    end.first(() => veche.stop());
    const ports = (app: AppName): number[] => veche.processesOf(app).map(({ port }) => port!);
    const servers = ['rabbitmq', 'redis'].map((name) => veche.process(name));
    return {
      ports: ports('websocket'),
      parts: Object.fromEntries([...veche.apps, ...servers].map(({ name, pid }) => [name, pid]).concat([['postgres', postgres.pid]])),
      databaseUrl: veche.databaseUrl,
      rabbitUrl: veche.rabbitUrl,
      post: (path, body, token) => post(ports('api')[0]!, path, body, token),
      kill: (name) => veche.process(name).kill(),
      stop: () => end.now(),
    };
  } catch (error) {
    await end.now();
    throw error;
  }
}

export type Meter = Readonly<Record<string, Cpu>>;

/** CPU of each part so far. */
export const meter = (site: Site): Meter => Object.fromEntries(Object.entries(site.parts).map(([name, pid]) => [name, cpuOf(pid)]));

/** µs of CPU of each part since then, for each of so many messages. */
export const spent = (site: Site, before: Meter, messages: number): Record<string, number> =>
  Object.fromEntries(Object.entries(meter(site)).map(([name, now]) => [name, (sumOf(since(before[name]!, now)) * 1e6) / messages]));

export { tokenOf };
