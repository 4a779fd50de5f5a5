import type { Line } from '../state/pending.rules.ts';

/** What the reader of a thread may do with its messages. */
export interface MessageActions {
  /** Nobody writes as a reader; owners and admins delete what others wrote, too. */
  readonly writes: boolean;
  readonly manages: boolean;
  readonly reply: (line: Line) => void;
  readonly edit: (line: Line) => void;
}
