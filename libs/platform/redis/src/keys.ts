/**
 * Every name in Redis. All of it may vanish at any moment: nothing here is the only copy of anything.
 * Names hold ids of users and channels, never a token, a password or a text.
 */
export interface RedisKeys {
  /** Pub/Sub channel of events and signals. */
  readonly fanout: string;
  /** Passes of a sliding limit, oldest first, as microseconds. */
  readonly limit: (what: string) => string;
  /** Something happened lately. */
  readonly noted: (what: string) => string;
  /** Failed sign-ins of an account or network. */
  readonly failures: (name: string) => string;
  /** A sign-in session, token or user whose tokens are refused. */
  readonly revoked: (name: string) => string;
  readonly cached: (cache: string, key: string) => string;
  /** An entry of a cache was voided a moment ago: what was read before must not be stored now. */
  readonly voided: (cache: string, key: string) => string;
  /** Names of what presence consists of; see the scripts of edge/realtime. */
  readonly presence: string;
}

export const keysUnder = (prefix: string): RedisKeys => ({
  fanout: `${prefix}ws:all`,
  limit: (what) => `${prefix}limit:${what}`,
  noted: (what) => `${prefix}noted:${what}`,
  failures: (name) => `${prefix}failures:${name}`,
  revoked: (name) => `${prefix}revoked:${name}`,
  cached: (cache, key) => `${prefix}cache:${cache}:${key}`,
  voided: (cache, key) => `${prefix}voided:${cache}:${key}`,
  presence: `${prefix}presence:`,
});
