/** Read markers: monotonic, never beyond the thread. */

/** A thread as its reader sees it; handlers move the marker for the next command of the batch. */
export interface Reading {
  readonly last_seq: number;
  /** The reader's marker, wherever it was set: by reading, by sending, by joining. */
  seq: number;
}

/** Where the marker goes, or `undefined` when it would not advance. A position beyond the thread means its end. */
export function advanced({ last_seq, seq }: Reading, wanted: number): number | undefined {
  const target = Math.min(wanted, last_seq);
  return target > seq ? target : undefined;
}
