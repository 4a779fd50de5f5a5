import type { EventEmitter } from 'node:events';

export interface WaitOptions {
  /** Milliseconds; default 10,000. */
  readonly timeoutMs?: number;
  /** Ends the sentence "… did not happen: ". */
  readonly what?: string;
}

/**
 * Resolves with the first truthy value of the condition; rejects with its last error or value at the timeout.
 * A condition that throws counts as not yet true. Prefer a signal (`once`) where there is one.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, what = String(condition) }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const end = performance.now() + timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    const seen = await attempt(condition);
    if (seen.value) return seen.value as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}; last: ${describe(seen)}`, { cause: seen.error });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

interface Seen<T> {
  readonly value?: T;
  readonly error?: unknown;
}

async function attempt<T>(condition: () => T | Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error };
  }
}

const describe = (seen: Seen<unknown>): string => (seen.error === undefined ? JSON.stringify(seen.value) : String(seen.error));

/** The arguments of the next event; rejects at the timeout and when the emitter reports an error first. */
export function once(emitter: EventEmitter, event: string, { timeoutMs = 10_000 }: WaitOptions = {}): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      clearTimeout(timer);
      emitter.off(event, happened);
      emitter.off('error', failed);
      settle();
    };
    const happened = (...args: unknown[]) => done(() => resolve(args));
    const failed = (error: unknown) => done(() => reject(error));
    const timer = setTimeout(() => done(() => reject(new Error(`no "${event}" within ${timeoutMs} ms`))), timeoutMs);
    emitter.once(event, happened);
    if (event !== 'error') emitter.once('error', failed);
  });
}
