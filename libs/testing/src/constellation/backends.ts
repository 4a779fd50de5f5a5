/** The servers below the apps, each at an address that stays: its own, or that of a proxy in front of it. */
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '../postgres/database.ts';
import type { ServerControl } from '../servers/control.ts';
import { removeFolder } from '../servers/folders.ts';
import { type PgBouncerServer, startPgBouncer } from '../servers/pgbouncer.ts';
import { type PrimaryServer, startPrimary } from '../servers/postgres.ts';
import { startRabbitMq } from '../servers/rabbitmq.ts';
import { type RabbitNode, rabbitmqctl, vhostUrl } from '../servers/rabbitmq-ctl.ts';
import { startRedis } from '../servers/redis.ts';
import { type ReplicaServer, startReplica } from '../servers/replica.ts';
import { createTestVhost } from '../servers/shared.ts';
import { startTcpProxy, type TcpProxy } from '../proxy/tcp-proxy.ts';
import { atPort, openDatabase } from './database.ts';
import type { BackendName, ConstellationOptions } from './types.ts';

/** What was started and how the apps reach it; grows while things start, so that a failure half way can end what there is. */
export class Backends {
  readonly servers: (ServerControl & { remove(): Promise<void> })[] = [];
  readonly proxies = new Map<BackendName, TcpProxy>();
  /** For every app. */
  readonly env: Record<string, string> = {};
  databaseUrl = '';
  replicaUrl: string | undefined;
  rabbitUrl: string | undefined;
  redisUrl: string | undefined;
  replica: ReplicaServer | undefined;
  /** Left to be undone after the servers' clients are gone. */
  readonly #ends: (() => Promise<void>)[] = [];
  readonly #options: ConstellationOptions;
  #node: RabbitNode | undefined;

  constructor(options: ConstellationOptions) {
    this.#options = options;
  }

  /** All at once: RabbitMQ alone takes as long as the others together. */
  async start(): Promise<void> {
    const { topology } = this.#options;
    const parts = [this.#database(), this.#redis(), ...(topology === 'distributed' ? [this.#rabbitmq()] : [])];
    const failed = (await Promise.allSettled(parts)).find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    if (topology !== 'distributed') this.env['BUS_FANOUT'] = topology;
  }

  ctl(args: readonly string[]): Promise<string> {
    if (!this.#node) throw new Error('there is no RabbitMQ in this constellation');
    return rabbitmqctl(this.#node, args);
  }

  async stop(): Promise<void> {
    for (const proxy of this.proxies.values()) await proxy.stop();
    // PgBouncer before Postgres, the replica before its primary.
    for (const server of this.servers.toReversed()) await server.remove();
    for (const end of this.#ends.toReversed()) await end();
  }

  async #database(): Promise<void> {
    const direct = this.#options.servers === 'shared' || this.#options.adminUrl !== undefined ? await this.#sharedDatabase() : await this.#ownDatabase();
    this.databaseUrl = direct;
    const reached = await this.#reached('postgres', direct);
    this.env['PG_URL'] = reached;
    if (!(this.#options.pgbouncer ?? this.#options.topology === 'distributed')) return;
    const bouncer: PgBouncerServer = await startPgBouncer({
      upstream: reached,
      version: this.#options.pgbouncerVersion ?? 'newer',
      ...this.#output('pgbouncer'),
    });
    this.servers.push(bouncer);
    this.env['PG_URL'] = await this.#reached('pgbouncer', bouncer.urlOf(reached));
    this.env['PG_DIRECT_URL'] = reached;
  }

  async #sharedDatabase(): Promise<string> {
    const database: TestDatabase = await createDatabase(undefined, this.#options.adminUrl);
    this.#ends.push(() => database.drop());
    return database.url;
  }

  async #ownDatabase(): Promise<string> {
    const { data, replica = 'streaming' } = this.#options;
    this.#options.progress?.('Postgres starts');
    const kept = data && { dataDir: join(data.folder, 'postgres'), password: data.password };
    // A kill of the process loses nothing that reached the system; only a kept one must survive the machine.
    const settings = { max_connections: '300', ...(data ? { shared_buffers: '64MB' } : { fsync: 'off', full_page_writes: 'off' }) };
    const primary = await startPrimary({ settings, ...kept });
    this.servers.push(primary);
    const url = data ? primary.url : await openDatabase(primary.url, 'veche');
    if (replica !== 'none') await this.#ownReplica(primary, url, replica === 'synchronous');
    return url;
  }

  async #ownReplica(primary: PrimaryServer, url: string, synchronous: boolean): Promise<void> {
    const { data } = this.#options;
    this.#options.progress?.('the replica copies the primary');
    const kept = data && { dataDir: join(data.folder, 'replica') };
    // One from before may have missed what the primary no longer has: a copy is made in a second, and is right.
    if (kept) removeFolder(kept.dataDir);
    this.replica = await startReplica(primary, { ...kept, settings: { max_connections: '300', ...(data ? {} : { fsync: 'off' }) } });
    this.servers.push(this.replica);
    if (synchronous) await this.replica.synchronous(true);
    this.replicaUrl = atPort(url, this.replica.port);
    this.env['PG_REPLICA_URLS'] = await this.#reached('replica', this.replicaUrl);
  }

  async #redis(): Promise<void> {
    const redis = await startRedis({ ...(this.#options.data && { password: this.#options.data.password }), ...this.#output('redis') });
    this.servers.push(redis);
    this.redisUrl = redis.url;
    this.env['REDIS_URL'] = await this.#reached('redis', redis.url);
  }

  async #rabbitmq(): Promise<void> {
    const { servers, rabbitmqVersion: version = 3 } = this.#options;
    this.#options.progress?.('RabbitMQ starts');
    const vhost = servers === 'shared' ? await this.#sharedVhost(version) : await this.#ownVhost(version);
    this.rabbitUrl = vhost;
    this.env['RABBITMQ_URL'] = await this.#reached('rabbitmq', vhost);
  }

  async #sharedVhost(version: 3 | 4): Promise<string> {
    const vhost = await createTestVhost(version);
    this.#node = vhost.node;
    this.#ends.push(() => vhost.drop());
    return vhost.url;
  }

  async #ownVhost(version: 3 | 4): Promise<string> {
    const { data } = this.#options;
    const kept = data && { home: join(data.folder, 'rabbitmq'), password: data.password };
    const rabbit = await startRabbitMq({ version, ...kept, ...this.#output('rabbitmq') });
    this.servers.push(rabbit);
    this.#node = rabbit.node;
    return vhostUrl(rabbit.node, '/');
  }

  /** The address for the apps. */
  async #reached(name: Exclude<BackendName, 'nginx'>, url: string): Promise<string> {
    if (!this.#options.proxies?.includes(name)) return url;
    const proxy = await startTcpProxy({ target: Number(new URL(url).port), seed: this.#options.seed ?? 1 });
    this.proxies.set(name, proxy);
    return atPort(url, proxy.port);
  }

  #output(name: BackendName): { output?: (text: string) => void } {
    const { output } = this.#options;
    return output ? { output: (text) => output(name, text) } : {};
  }
}
