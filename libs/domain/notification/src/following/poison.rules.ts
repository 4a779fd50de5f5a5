/** Whether a failure says something about what was being followed, or only about the moment. */
import { VecheError } from '@veche/contracts';

/** Whoever is asked is away, or nobody knows: everything behind would fail just the same. */
export const isOutage = (error: unknown): boolean =>
  error instanceof VecheError && ['unavailable', 'outcome_unknown', 'too_many_requests'].includes(error.error);
