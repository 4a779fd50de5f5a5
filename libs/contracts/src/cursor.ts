/** A cursor `<epoch>:<seq>` is what a client has seen of a channel: the one resume token on every door. */
export interface Cursor {
  /** '' means "the current epoch", as a bare seq does. */
  readonly epoch: string;
  /** 0 to 2^53-1; 0 is before the first event. */
  readonly seq: number;
}

const SEQ = /^(0|[1-9][0-9]{0,15})$/;
const EPOCH = /^[A-Za-z0-9_-]{1,32}$/;

/** Where a channel stands that nobody has written to: it gets its epoch with its first event, and nothing of it was missed yet. */
const UNBORN = ':0';

export const formatCursor = (cursor: Cursor): string => `${cursor.epoch}:${cursor.seq}`;

/** Reads `<epoch>:<seq>` or a bare `<seq>`; `undefined` for anything else, so hostile input is never half understood. */
export function parseCursor(text: string): Cursor | undefined {
  if (text === UNBORN) return { epoch: '', seq: 0 };
  const colon = text.indexOf(':');
  const epoch = colon < 0 ? '' : text.slice(0, colon);
  const digits = text.slice(colon + 1);
  if (colon >= 0 && !EPOCH.test(epoch)) return undefined;
  const seq = SEQ.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(seq) ? { epoch, seq } : undefined;
}
