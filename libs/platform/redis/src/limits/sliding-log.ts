import type { Allowed } from './limiter.ts';

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
    const wait = this.waitAt(now);
    if (wait > 0) return { ok: false, retryAfterMs: wait };
    this.add(now);
    return PASSED;
  }

  /** Milliseconds until one more would pass; 0: now. */
  waitAt(now: number): number {
    if (this.times.length < this.limit) return 0;
    return Math.max(0, this.windowMs - (now - this.times[this.oldest]!));
  }

  /** Counts one that passed. */
  add(now: number): void {
    if (this.times.length < this.limit) {
      this.times.push(now);
      return;
    }
    this.times[this.oldest] = now;
    this.oldest = (this.oldest + 1) % this.limit;
  }

  /** Forgets the last one that was added. */
  giveBack(): void {
    // In order of time again, so that a place at the end is free.
    this.times = [...this.times.slice(this.oldest), ...this.times.slice(0, this.oldest)].slice(0, -1);
    this.oldest = 0;
  }

  /** Nothing in it matters any more. */
  isOver(now: number): boolean {
    const newest = this.times.length < this.limit ? this.times.at(-1) : this.times[(this.oldest + this.limit - 1) % this.limit];
    return newest === undefined || now - newest >= this.windowMs;
  }
}
