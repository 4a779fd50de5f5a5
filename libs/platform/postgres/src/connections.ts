/** How connections are opened: limits of the pool, timeouts, types, and what is remembered of each. */
import pg from 'pg';
import type { PostgresConfig } from './postgres.config.ts';

const INT8 = 20;
const INT8_ARRAY = 1016;

/** A seq is at most 2^53-1; a larger bigint must fail loudly, not lose its last digits. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is beyond 2^53-1`);
  return value;
}

const parseInt8Array = (text: string): (number | null)[] =>
  text
    .slice(1, -1)
    .split(',')
    .filter(Boolean)
    .map((item) => (item === 'NULL' ? null : parseInt8(item)));

// Per pool and not `pg.types.setTypeParser`: other users of pg in the process keep their own idea of a bigint.
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === INT8) return parseInt8;
    if (oid === INT8_ARRAY) return parseInt8Array;
    return pg.types.getTypeParser(oid, format);
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** Options of a pool beside its address; `pipeline` sends statements without waiting for the answers of those before. */
export interface PoolLimits extends pg.PoolConfig {
  readonly pipeline: boolean;
  readonly Client: typeof pg.Client;
}

export const poolLimits = (config: PostgresConfig): PoolLimits => ({
  min: config.PG_POOL_SIZE,
  max: config.PG_POOL_SIZE + config.PG_MAX_OVERFLOW,
  idleTimeoutMillis: config.PG_OVERFLOW_IDLE_MS,
  connectionTimeoutMillis: config.PG_CONNECT_TIMEOUT_MS,
  statement_timeout: config.PG_STATEMENT_TIMEOUT_MS,
  lock_timeout: config.PG_LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: config.PG_IDLE_IN_TX_TIMEOUT_MS,
  // The server's own timeout does not end a COMMIT that waits for a frozen standby; this one does (measured).
  query_timeout: config.PG_QUERY_TIMEOUT_MS,
  keepAlive: true,
  pipeline: true,
  types,
  Client: WatchedClient,
});

/** What the server says beside its answer. */
export interface Warning {
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
}

const warnings = new WeakMap<pg.ClientBase, Warning>();

/** A connection that is listened to from its first moment: a pool's `connect` event comes too late for those that TypeORM opens. */
class WatchedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Without a listener of its own a connection that dies between two statements ends the process (measured).
    this.on('error', () => undefined);
    this.on('notice', (notice) => {
      if (notice.severity === 'WARNING') warnings.set(this, notice);
    });
  }
}

/** The warning that came since the last call, if any. */
export function takeWarning(client: pg.ClientBase): Warning | undefined {
  const warning = warnings.get(client);
  warnings.delete(client);
  return warning;
}

/** Outside any transaction and with nothing to wait for; @types/pg does not know the method yet. */
export const isIdle = (client: pg.ClientBase): boolean => (client as pg.ClientBase & { getTransactionStatus(): string | null }).getTransactionStatus() === 'I';
