/** Retries of a unit of work, and what a message remembers of its attempts. The broker's own `x-death` is not used: 4.x ignores it on what is published again. */
import type { MessageProperties } from 'amqplib';

/** One attempt that failed. */
export interface Attempt {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cause: string;
}

export interface Past {
  /** Failed ones, oldest first; only the last ten are kept, their number is not lost. */
  readonly attempts: number;
  readonly history: readonly Attempt[];
  readonly firstFailedAt: number | undefined;
}

export type NextStep = { readonly do: 'retry'; readonly delayMs: number } | { readonly do: 'bury' };

const HEADER = { attempts: 'veche-attempts', firstFailedAt: 'veche-first-failed-at', lastError: 'veche-last-error', history: 'veche-history' } as const;
/** Headers live in the memory of the broker, and what is thrown may be long. */
const CAUSE_CHARS = 500;
const KEPT = 10;

/** After the first attempt, `retries` more; the last delay repeats. */
export const nextStep = (failedAttempts: number, retries: number, delaysMs: readonly number[]): NextStep =>
  failedAttempts > retries ? { do: 'bury' } : { do: 'retry', delayMs: delaysMs[Math.min(failedAttempts, delaysMs.length) - 1]! };

/** A delivery that ended with its consumer counts as an attempt: work that kills its process must not do so for ever. */
export function pastOf({ headers }: Pick<MessageProperties, 'headers'>): Past {
  const count = numberOf(headers?.[HEADER.attempts]);
  const died = numberOf(headers?.['x-delivery-count']);
  const at = numberOf(headers?.[HEADER.firstFailedAt]);
  return { attempts: count + died, history: historyOf(headers?.[HEADER.history]), firstFailedAt: at === 0 ? undefined : at };
}

export const withFailure = ({ attempts, history, firstFailedAt }: Past, failure: Attempt): Past => ({
  attempts: attempts + 1,
  history: [...history, { at: failure.at, cause: failure.cause.slice(0, CAUSE_CHARS) }].slice(-KEPT),
  firstFailedAt: firstFailedAt ?? failure.at,
});

export const headersOf = ({ attempts, history, firstFailedAt }: Past): Record<string, unknown> => ({
  [HEADER.attempts]: attempts,
  ...(firstFailedAt !== undefined && { [HEADER.firstFailedAt]: firstFailedAt }),
  ...(history.length > 0 && { [HEADER.lastError]: history.at(-1)?.cause, [HEADER.history]: JSON.stringify(history) }),
});

export const causeOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** What another program wrote there is not trusted to be ours. */
function historyOf(value: unknown): Attempt[] {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : [];
    return Array.isArray(parsed) ? parsed.filter((each): each is Attempt => typeof each?.at === 'number' && typeof each.cause === 'string') : [];
  } catch {
    return [];
  }
}
