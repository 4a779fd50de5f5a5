/** Veche as several processes on one machine, each of which a test can kill, freeze, thaw and start again by its name. */
import type { ServerControl } from '../servers/control.ts';
import type { TcpProxy } from '../proxy/tcp-proxy.ts';

export type EdgeName = 'api' | 'websocket' | 'sse';
export type ServiceName = 'auth' | 'chat' | 'notification';
/** `whole`: every door and service in one process, of the topologies `redis` and `postgres`. */
export type AppName = EdgeName | ServiceName | 'whole';
export type BackendName = 'rabbitmq' | 'redis' | 'postgres' | 'replica' | 'pgbouncer' | 'nginx';

/**
 * - `distributed`: edges and services of their own over RabbitMQ
 * - `redis`, `postgres`: several whole processes behind nginx that share their events by that fan-out
 */
export type Topology = 'distributed' | 'redis' | 'postgres';

export interface ConstellationOptions {
  readonly topology: Topology;
  /** Settings of every app process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the processes of one app; they win over `env`. */
  readonly envOf?: Partial<Readonly<Record<AppName, Readonly<Record<string, string>>>>>;
  /** Processes of each app; default 2 of each. 0 leaves an app out. */
  readonly replicas?: Partial<Readonly<Record<AppName, number>>>;
  /** A TCP proxy stands between the apps and each of these; nginx has none, its clients can bring their own. */
  readonly proxies?: readonly Exclude<BackendName, 'nginx'>[];
  /** Of the proxies' random cuts. Default 1. */
  readonly seed?: number;
  /**
   * `own` (default): private servers that a test may kill. `shared`: Postgres and RabbitMQ of the test run, with a database
   * and a vhost of its own; starts in a third of the time, and those two cannot be killed.
   */
  readonly servers?: 'own' | 'shared';
  /** Of a superuser: the database is made on this server, which the caller may kill, instead of the run's or an own one. */
  readonly adminUrl?: string;
  /** A streaming replica; `synchronous`: a commit waits for it. Default: `streaming` with own servers, else `none`. */
  readonly replica?: 'none' | 'streaming' | 'synchronous';
  /** Apps reach Postgres through PgBouncer in transaction mode. Default: true in `distributed`. */
  readonly pgbouncer?: boolean;
  /** `newer` (default): 1.24 where it is unpacked, else that of this system; only the former carries prepared statements. */
  readonly pgbouncerVersion?: 'system' | 'newer';
  /** Default 3, that of this system; 4: of Debian 13, where it is unpacked. */
  readonly rabbitmqVersion?: 3 | 4;
  /** Where own servers keep their data from one run to the next, with commits that reach the disk; default: nowhere, gone at the end. */
  readonly data?: Readonly<KeptData>;
  /** Where nginx listens. Default: a free port of 127.0.0.1. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** Told everything that a process writes, as it comes. */
  readonly output?: (name: string, text: string) => void;
  /** Told what is being waited for: `RabbitMQ starts`. */
  readonly progress?: (what: string) => void;
  /** Gives the start up: what was started is ended and the start rejects. */
  readonly signal?: AbortSignal;
}

export interface KeptData {
  /** Holds `postgres`, made and ready to start; `rabbitmq` and `replica` are made beside it. */
  readonly folder: string;
  /** Of every server: others who use this machine reach the ports, but not the data. */
  readonly password: string;
}

/** One process of an app. */
export interface AppProcess extends ServerControl {
  readonly app: AppName;
  /** Public port; undefined for services, which have none. */
  readonly port: number | undefined;
  readonly privatePort: number;
  /** Of health and metrics. */
  readonly privateOrigin: string;
  /** 200, 503, or what went wrong, in words. */
  health(): Promise<string>;
}

export interface Constellation {
  readonly topology: Topology;
  /** nginx: where clients go. */
  readonly origin: string;
  /** By start order; names are `<app>-<n>`, n from 1. */
  readonly apps: readonly AppProcess[];
  readonly backends: readonly ServerControl[];
  /** Of the constellation's database on the primary itself, past PgBouncer and proxies. */
  readonly databaseUrl: string;
  /** On the replica itself; undefined without one. */
  readonly replicaUrl: string | undefined;
  /** The RabbitMQ vhost as an admin reaches it, past proxies; undefined where none runs. */
  readonly rabbitUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** An app process or a backend by name: `chat-2`, `rabbitmq`. @throws Error that lists the names */
  process(name: string): ServerControl;
  /** The processes of one app. */
  processesOf(app: AppName): readonly AppProcess[];
  /** @throws Error unless it was asked for in `proxies` */
  proxy(name: BackendName): TcpProxy;
  /** `rabbitmqctl` on its RabbitMQ; resolves with what it printed. */
  rabbitmqctl(...args: readonly string[]): Promise<string>;
  /** Makes the replica the primary, which the apps then have to find behind the old address. */
  promoteReplica(): Promise<void>;
  /** Edges, then services, then servers; resolves with the app processes that did not end with 0 by themselves and had not been killed. */
  stop(): Promise<readonly string[]>;
}
