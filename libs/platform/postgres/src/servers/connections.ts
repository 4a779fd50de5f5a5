/** How connections are opened: limits of the pool, and what is remembered of each connection. */
import pg from 'pg';
import type { Hosts } from './hosts.ts';
import { types } from './int8.ts';
import type { PostgresConfig } from '../postgres.config.ts';

/** Options of a pool beside its address; `pipeline` sends statements without waiting for the answers of those before. */
export interface PoolLimits extends pg.PoolConfig {
  readonly pipeline: boolean;
  readonly Client: typeof pg.Client;
  /** Awaited before the connection is given to anybody; a throw closes it. @types/pg does not know it yet. */
  readonly onConnect: (client: pg.ClientBase) => Promise<void>;
}

/** @param onConnect see PoolLimits; it also says the server's timeouts, which a pooler refuses as start-up parameters */
export const poolLimits = (config: PostgresConfig, hosts: Hosts, onConnect: PoolLimits['onConnect']): PoolLimits => ({
  min: config.PG_POOL_SIZE,
  max: config.PG_POOL_SIZE + config.PG_MAX_OVERFLOW,
  idleTimeoutMillis: config.PG_OVERFLOW_IDLE_MS,
  connectionTimeoutMillis: config.PG_CONNECT_TIMEOUT_MS,
  ...clientLimits(config),
  Client: clientOf(hosts),
  onConnect,
});

/** Options of one connection. */
export const clientLimits = (config: Pick<PostgresConfig, 'PG_QUERY_TIMEOUT_MS'>) => ({
  // The server's own timeout does not end a COMMIT that waits for a frozen standby; this one does (measured).
  query_timeout: config.PG_QUERY_TIMEOUT_MS,
  keepAlive: true,
  pipeline: true,
  types,
});

/** What the server says beside its answer. */
export interface Warning {
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
}

const warnings = new WeakMap<pg.ClientBase, Warning>();

/** From the goodbye until the socket is closed without the other side's. */
const GOODBYE_MS = 500;

/** Without waiting for the other side, which may be frozen. */
export function hangUp(client: pg.Client): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection;
  stream.destroy();
}

/** A connection that is listened to from its first moment: a pool's `connect` event comes too late for those that TypeORM opens. */
export class WatchedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Without a listener of its own a connection that dies between two statements ends the process (measured).
    this.on('error', () => undefined);
    this.on('notice', (notice) => {
      if (notice.severity === 'WARNING') warnings.set(this, notice);
    });
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    // A server or pooler that is frozen never closes its half: the socket would keep the process until it is ended by force.
    setTimeout(() => hangUp(this), GOODBYE_MS).unref();
    return callback ? super.end(callback) : super.end();
  }
}

/** A pool takes one address; this one asks for it anew at every connection. */
const clientOf = (hosts: Hosts): typeof pg.Client =>
  class extends WatchedClient {
    constructor(config?: string | pg.ClientConfig) {
      super({ ...(config as pg.ClientConfig), connectionString: hosts.current });
    }
  };

/** The warning that came since the last call, if any. */
export function takeWarning(client: pg.ClientBase): Warning | undefined {
  const warning = warnings.get(client);
  warnings.delete(client);
  return warning;
}

/** Outside any transaction and with nothing to wait for; @types/pg does not know the method yet. */
export const isIdle = (client: pg.ClientBase): boolean => (client as pg.ClientBase & { getTransactionStatus(): string | null }).getTransactionStatus() === 'I';
