/** How far a channel may be trimmed; pure. */
import type { KeptHistory } from './retention.ts';

export interface Held {
  readonly first_seq: number;
  readonly last_seq: number;
}

/** The first seq that `size` keeps; `first_seq` when nothing is to go. */
export function firstBySize({ first_seq, last_seq }: Held, { size }: KeptHistory): number {
  return size === undefined ? first_seq : Math.max(first_seq, last_seq - size + 1);
}
