/** One statement or one transaction on one connection, with an honest outcome. */
import type { Writable } from 'node:stream';
import type pg from 'pg';
import { takeWarning } from './connections.ts';
import { certainFailure, commitFailure, UnknownOutcomeError } from './errors.ts';
import type { Statement, Transaction } from './types.ts';

const asQuery = ({ name, text, values }: Statement): pg.QueryConfig => ({ ...(name !== undefined && { name }), text, values: values as unknown[] });

/** A cancelled wait for a standby answers with success and a warning, and after a failover the row is gone (measured). */
const UNREPLICATED = new Set(['01000', '57P01']);

/** Runs a statement that commits by itself. */
export async function runStatement<Row>(client: pg.PoolClient, statement: Statement): Promise<readonly Row[]> {
  takeWarning(client);
  const { rows } = await client.query(asQuery(statement)).catch((error: unknown) => {
    throw commitFailure(error);
  });
  const warning = takeWarning(client);
  if (warning && UNREPLICATED.has(warning.code ?? '')) throw new UnknownOutcomeError(warning);
  return rows as Row[];
}

/**
 * Runs `fn` between `begin` and COMMIT. Rejects with what `fn` threw after a rollback, with DatabaseUnavailableError (certainly
 * rolled back) or with UnknownOutcomeError.
 */
export async function runTransaction<T>(client: pg.PoolClient, begin: string, fn: (tx: Transaction) => Promise<T>): Promise<T> {
  // Not awaited: on a pipelined connection BEGIN travels with the first statement and costs no round trip.
  const send = inOneWrite(client);
  const begun = send({ text: begin });
  begun.catch(() => undefined);
  const tx: Transaction = {
    isTransaction: true,
    query: async <Row>(statement: Statement) => {
      const result = await send(asQuery(statement)).catch((error: unknown) => {
        throw certainFailure(error);
      });
      return result.rows as Row[];
    },
  };
  try {
    const result = await fn(tx);
    await begun.catch((error: unknown) => {
      throw certainFailure(error);
    });
    await commit(client);
    return result;
  } catch (error) {
    if (!(error instanceof UnknownOutcomeError)) await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Statements sent within one turn go to the kernel, and wake the server, once: 0.04 of the 0.45 ms of CPU that an idle send costs Node (measured). */
function inOneWrite(client: pg.PoolClient): (query: pg.QueryConfig) => Promise<pg.QueryResult> {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection;
  let corked = false;
  return (query) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    return client.query(query);
  };
}

async function commit(client: pg.PoolClient): Promise<void> {
  takeWarning(client);
  const result = await client.query('COMMIT').catch((error: unknown) => {
    throw commitFailure(error);
  });
  const warning = takeWarning(client);
  if (warning) throw new UnknownOutcomeError(warning);
  // A transaction in which a statement failed unseen answers COMMIT with ROLLBACK, and no error.
  if (result.command !== 'COMMIT') throw new Error('the transaction was rolled back because a statement in it failed');
}
