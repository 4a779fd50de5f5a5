/** How often something may be done. */

export interface Allowed {
  readonly ok: boolean;
  /** Milliseconds until the next one passes, with their fraction; 0 when ok. */
  readonly retryAfterMs: number;
}

/** The port: in memory for one process, one atomic script in Redis for many. */
export abstract class Limiter {
  /** Counts one if fewer than `limit` were counted for the key in the last `windowMs`; a refused one is not counted. */
  abstract take(key: string, limit: number, windowMs: number): Promise<Allowed>;
  /** Takes back the last one that passed. */
  abstract giveBack(key: string): Promise<void>;
  /** Notes that something happened, for `recent`. */
  abstract note(key: string, windowMs: number): Promise<void>;
  /** Whether something was noted for the key in the last `windowMs`. */
  abstract recent(key: string): Promise<boolean>;
}
