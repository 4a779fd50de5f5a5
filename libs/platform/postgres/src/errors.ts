/** What a failed statement or transaction means: certainly not applied, or nobody knows. */
import { VecheError } from '@veche/contracts';

/**
 * The connection was lost, or a warning came, while the database was committing: the change may or may not be durable.
 * It must never be reported as success or as failure; repeat the whole with the same idempotency key.
 */
export class UnknownOutcomeError extends VecheError {
  constructor(cause: unknown) {
    super('outcome_unknown');
    this.cause = cause;
  }
}

/** The database cannot be reached or is too busy; certainly nothing was applied. */
export class DatabaseUnavailableError extends VecheError {
  constructor(cause: unknown) {
    super('unavailable', 'the database does not answer at the moment, nothing was done; send it again after a pause', [], 1000);
    this.cause = cause;
  }
}

/** The five-character SQLSTATE of an error that the server sent; '' for every other error. */
export function sqlState(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** A unique key met a concurrent twin, a serialization failure, a deadlock: the same transaction, run again from its start, may succeed. */
const RETRY = new Set(['23505', '40001', '40P01']);
export const isRetryable = (error: unknown): boolean => RETRY.has(sqlState(error));

/** Cancelled by a timeout, out of connections or other resources, shutting down, read-only (a demoted primary). */
const UNAVAILABLE = /^(08|53|57|58)|^(55P03|25P03|25006)$/;

/** An error by which the statement was certainly not applied; constraint violations and the like stay what they are. */
export function certainFailure(error: unknown): unknown {
  if (error instanceof VecheError) return error;
  const state = sqlState(error);
  return state === '' || UNAVAILABLE.test(state) ? new DatabaseUnavailableError(error) : error;
}

/**
 * An error of a statement that commits by itself, or of COMMIT. Only an answer of the server that names what it refused proves
 * that nothing was applied; a lost connection, a client-side timeout or a termination (57P0x, during a wait for a standby it
 * comes after the local commit) prove nothing.
 */
export function commitFailure(error: unknown): unknown {
  if (error instanceof VecheError) return error;
  const state = sqlState(error);
  return state === '' || state.startsWith('08') || state.startsWith('57P') ? new UnknownOutcomeError(error) : certainFailure(error);
}
