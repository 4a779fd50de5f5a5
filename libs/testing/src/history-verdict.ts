/** The verdict over a history: what was not read cannot be called right, so it is unknown, and unknown fails. */
import type { History } from './history.ts';
import { LOG_CHECKS } from './history-checks.ts';
import { Indexed, type Violation } from './history-index.ts';
import { SYSTEM_CHECKS } from './history-system-checks.ts';

export interface Verdict {
  readonly valid: true | false | 'unknown';
  readonly violations: readonly Violation[];
  readonly counts: { readonly acknowledged: number; readonly unknown: number; readonly refused: number; readonly shown: number; readonly logged: number };
}

/** Checks S1 to S15; of work, effects, bounds and projections what the history has. A log in which a channel's records are not in the order of their seqs is a violation, not an error. */
export function checkHistory(history: History): Verdict {
  const indexed = new Indexed(history);
  const violations = [...LOG_CHECKS, ...SYSTEM_CHECKS].flatMap((check) => [...check(indexed)]);
  const counts = countsOf(history);
  const nothingSeen = counts.acknowledged === 0 || counts.shown === 0 || counts.logged === 0;
  return { valid: violations.length > 0 ? false : nothingSeen ? 'unknown' : true, violations, counts };
}

function countsOf({ entries, log }: History): Verdict['counts'] {
  const sends = (type: string) => entries.filter((entry) => entry.f === 'send' && entry.type === type).length;
  const shown = entries.filter((entry) => entry.f === 'recv').length;
  return { acknowledged: sends('ok'), unknown: sends('info'), refused: sends('fail'), shown, logged: log.length };
}
