import type { Allowed } from './limits.ts';

/** The port: in memory here, one atomic script in Redis for many pods. */
export abstract class Limiter {
  /** Counts one if fewer than `limit` were counted for the key in the last `windowMs`; a refused one is not counted. */
  abstract take(key: string, limit: number, windowMs: number): Promise<Allowed>;
  /** Notes that something happened, for `recent`. */
  abstract note(key: string, windowMs: number): Promise<void>;
  /** Whether something was noted for the key in the last `windowMs`. */
  abstract recent(key: string, windowMs: number): Promise<boolean>;
}
