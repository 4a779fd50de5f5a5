import type { Clock } from '../clock.ts';

/** One wait at a time, which can be ended early. */
export class Pause {
  /** Ends the wait that is under way, if any. */
  end: () => void = () => {};

  constructor(private readonly clock: Clock) {}

  for(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, resolve);
      this.end = () => {
        cancel();
        resolve();
      };
    });
  }
}
