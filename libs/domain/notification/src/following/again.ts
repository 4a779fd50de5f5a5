import { isRetryable } from '@veche/platform-postgres';

const MAX_RUNS = 5;

/** Runs a transaction again that met another one (a deadlock, a row made at the same moment): nothing of it was applied. */
export async function again<T>(transaction: () => Promise<T>): Promise<T> {
  for (let run = 1; ; run++) {
    try {
      return await transaction();
    } catch (error) {
      if (run === MAX_RUNS || !isRetryable(error)) throw error;
    }
  }
}
