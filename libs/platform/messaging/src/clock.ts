/** Time as messaging sees it, injected so that ladders and deadlines are tested without waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `then` once after `ms`; returns what cancels it. */
  after(ms: number, then: () => void): () => void;
}

/**
 * Of a process: begins where the wall clock stood at its start and is never set. A wall clock that is set back by ten minutes would make each
 * deadline wait for as long, one that is set forward would end all of them.
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/** For an envelope: by the clock that the bus compares it with. */
export const deadlineIn = (ms: number): number => systemClock.now() + ms;
