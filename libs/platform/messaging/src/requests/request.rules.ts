/** What every request bus says in the same way. */
import { VecheError } from '@veche/contracts';
import type { RequestResult } from '../messaging.telemetry.ts';

/** @throws VecheError `bad_request` for what JSON cannot carry */
export function queryJson(query: unknown): string {
  try {
    const json = JSON.stringify(query) as string | undefined;
    if (json !== undefined) return json;
  } catch {
    // Named below: BigInt and cycles throw, undefined does not.
  }
  throw new VecheError('bad_request', 'a query must be JSON: no BigInt, no cycle, not undefined');
}

export function resultOf(error: unknown): RequestResult {
  if (!(error instanceof VecheError) || error.error === 'internal') return 'error';
  if (error.error === 'outcome_unknown') return 'timeout';
  return error.error === 'unavailable' ? 'unavailable' : 'refused';
}
