/** What a failed transaction asks for; pure. */
import { refusal, type Refusal, VecheError } from '@veche/contracts';
import { DatabaseUnavailableError, isRetryable, sqlState, UnknownOutcomeError } from '@veche/platform-postgres';

/**
 * - `again`: a concurrent twin or a deadlock; the same batch at once, a few times.
 * - `redeliver`: nothing is known about the database; the bus delivers the batch again.
 * - `isolate`: one of the commands or its handler did it; one by one, so that the others go on.
 */
export type Remedy = 'again' | 'redeliver' | 'isolate';

export function remedyOf(error: unknown): Remedy {
  if (isRetryable(error)) return 'again';
  return error instanceof DatabaseUnavailableError || error instanceof UnknownOutcomeError ? 'redeliver' : 'isolate';
}

/** A statement that the server cancelled for its length: certainly not applied, and the next command may well be quick. */
const wasCancelled = (error: unknown): boolean => error instanceof DatabaseUnavailableError && ['57014', '55P03'].includes(sqlState(error.cause));

/** The answer to the one command that failed alone; `undefined` when it was not its own fault and it must be delivered again. */
export function poisonRefusal(error: unknown): Refusal | undefined {
  if (wasCancelled(error) || remedyOf(error) === 'again')
    return refusal('unavailable', 'the command could not be applied at the moment; send it again after a pause');
  if (remedyOf(error) === 'redeliver') return undefined;
  return error instanceof VecheError ? refusal(error.error, error.message) : refusal('internal', 'the command could not be applied');
}
