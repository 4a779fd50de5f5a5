/** Slows down whoever guesses passwords: per account and per address the pause after each failure grows. */
export const SIGN_IN_DELAYS = Symbol('SignInDelays');

/**
 * For the account an attempt counts before the password is looked at, so that a hundred at once are not a hundred free guesses;
 * for the address only failures count, because a hundred people behind one address may well sign in at once.
 * One process counts in memory; several share their counts where the port is served by a store.
 */
export interface SignInDelays {
  /** Milliseconds to wait; 0: go on, and settle the attempt whatever comes of it. */
  admit(account: string, address: string | undefined): Promise<number>;
  settle(account: string, address: string | undefined, outcome: Outcome): Promise<void>;
}

/** `undecided`: the password was never looked at. */
export type Outcome = 'succeeded' | 'failed' | 'undecided';

export interface DelayRule {
  /** Failures without any delay. */
  readonly free: number;
  /** Milliseconds after the first failure that is not free; doubled by each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/** An account's delay stays short, else anybody could lock anybody out. */
export const ACCOUNT_DELAY: DelayRule = { free: 5, firstMs: 1000, longestMs: 60_000 };
/** Many people may sit behind one address. */
export const ADDRESS_DELAY: DelayRule = { free: 30, firstMs: 1000, longestMs: 900_000 };

/** Failures are forgotten this long after the last one. */
export const FORGET_MS = 3_600_000;

/** Milliseconds that must lie between the last failure and the next attempt. */
export function delayAfter(failures: number, { free, firstMs, longestMs }: DelayRule): number {
  if (failures < free) return 0;
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - free, 30));
}

/** An IPv6 client commands a whole /64, so that is what counts. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
