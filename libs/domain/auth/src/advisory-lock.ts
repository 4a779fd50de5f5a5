import type { Statement } from '@veche/platform-postgres';

/** First key of our advisory locks; the second names what is locked. */
const SPACE = 0x61757468;

/** Held until the end of the transaction, which also behind PgBouncer is one connection. */
const lock = (what: number): Statement => ({ text: 'SELECT pg_advisory_xact_lock($1, $2)', values: [SPACE, what] });

/** Whoever makes or retires signing keys. */
export const KEYS_LOCK = lock(1);
/** Whoever appends a revocation: with it `seq` grows in the order of commits, so that a reader's cursor passes none by. */
export const REVOCATIONS_LOCK = lock(2);
