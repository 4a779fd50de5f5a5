import type { Allowed } from './limits.ts';

const PASSED: Allowed = Object.freeze({ ok: true, retryAfterMs: 0 });

/**
 * Exactly `limit` in any window, wherever the window begins: the times of the last `limit` that passed, in a ring that grows
 * as it is needed. A counter per calendar minute would let twice as many pass around its turn.
 */
export class SlidingLog {
  private times: number[] = [];
  private oldest = 0;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  take(now: number): Allowed {
    if (this.times.length < this.limit) {
      this.times.push(now);
      return PASSED;
    }
    const age = now - this.times[this.oldest]!;
    if (age < this.windowMs) return { ok: false, retryAfterMs: this.windowMs - age };
    this.times[this.oldest] = now;
    this.oldest = (this.oldest + 1) % this.limit;
    return PASSED;
  }

  /** Nothing in it matters any more. */
  isOver(now: number): boolean {
    const newest = this.times.length < this.limit ? this.times.at(-1) : this.times[(this.oldest + this.limit - 1) % this.limit];
    return newest === undefined || now - newest >= this.windowMs;
  }
}
