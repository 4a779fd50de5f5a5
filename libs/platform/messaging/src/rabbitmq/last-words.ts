import { setTimeout as pause } from 'node:timers/promises';

/** A broker that is frozen answers nothing until its connection is given up, some 13 s later: whoever leaves does not wait for it. */
const PATIENCE_MS = 1000;

/** What is said to the broker on leaving: its answer is waited for a moment, its failure is no matter. */
export const lastWords = async (said: PromiseLike<unknown>): Promise<void> => {
  const over = new AbortController();
  const answered = Promise.resolve(said).catch(() => {});
  await Promise.race([answered, pause(PATIENCE_MS, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
};
