/** How often somebody is due. */
const STEP_MS = 50;

/**
 * Does something with each, evenly over the window, the last one a step before its end. By the clock, so that the rate holds for few as well as for many,
 * and a late timer does not make the window longer.
 * @param windowMs 0: all at once
 * @param now monotonic ms
 */
export async function spread<T>(all: readonly T[], windowMs: number, act: (one: T) => void, now: () => number): Promise<void> {
  const began = now();
  const lasts = Math.max(1, windowMs - STEP_MS);
  for (let done = 0; ;) {
    const share = windowMs === 0 ? 1 : Math.min(1, (now() - began) / lasts);
    for (const due = Math.ceil(all.length * share); done < due; done++) act(all[done]!);
    if (done >= all.length) return;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
