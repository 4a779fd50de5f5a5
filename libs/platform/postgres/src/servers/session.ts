/** What is found out about a connection when it opens: who answers, and whether a pooler stands in between. */
import type pg from 'pg';
import type { PostgresConfig } from '../postgres.config.ts';
import { type ServerState, STATE } from './server-state.ts';

export interface Session {
  /** Statements of this connection meet one server each, and maybe never the same: nothing may rest on session state. */
  readonly pooled: boolean;
  /** Statements may have names, and so be prepared once. */
  readonly named: boolean;
  /** Of the server that answered at the opening; behind a pooler another may answer next. */
  readonly server: ServerState;
}

const sessions = new WeakMap<pg.ClientBase, Session>();

export const sessionOf = (client: pg.ClientBase): Session => sessions.get(client) as Session;

/** Looks who answers; on a connection of its own it also sets the server's timeouts. */
export async function openSession(client: pg.ClientBase, config: PostgresConfig): Promise<Session> {
  const { rows } = await client.query<ServerState>(STATE);
  const server = rows[0] as ServerState;
  const pooled = config.PG_POOLER === 'auto' ? stranger(client, server) : config.PG_POOLER !== 'none';
  const named = !pooled || config.PG_POOLER === 'transaction-prepared' || (config.PG_POOLER === 'auto' && (await carriesNames(client)));
  if (!pooled)
    await client.query(
      timeouts(config)
        .map((timeout) => `SET ${timeout}`)
        .join('; '),
    );
  const session = { pooled, named, server };
  sessions.set(client, session);
  return session;
}

/** What bounds a statement on the server; behind a pooler it travels with each transaction. */
export const timeouts = (config: PostgresConfig): readonly string[] => [
  `statement_timeout = ${config.PG_STATEMENT_TIMEOUT_MS}`,
  `lock_timeout = ${config.PG_LOCK_TIMEOUT_MS}`,
  `idle_in_transaction_session_timeout = ${config.PG_IDLE_IN_TX_TIMEOUT_MS}`,
];

/** A pooler invents the process id of the greeting; the server tells its own. */
const stranger = (client: pg.ClientBase, { pid }: ServerState): boolean => (client as pg.ClientBase & { readonly processID: number }).processID !== pid;

const PROBE = 'veche-probe';

/**
 * A pooler that carries prepared statements gives them names of its own; one that does not passes ours on, to a server connection that somebody
 * else will use next. In one transaction, so that question and look meet the same server; what was left there is taken away again.
 */
async function carriesNames(client: pg.ClientBase): Promise<boolean> {
  try {
    await client.query('BEGIN');
    await client.query({ name: PROBE, text: 'SELECT 1 AS veche_probe' });
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT 1 AS veche_probe%'`);
    const ours = rows.some(({ name }) => name === PROBE);
    if (ours) await client.query(`DEALLOCATE "${PROBE}"`);
    return rows.length > 0 && !ours;
  } catch {
    // Somebody else's probe is there already: so names are passed on.
    return false;
  } finally {
    await client.query('ROLLBACK');
  }
}
