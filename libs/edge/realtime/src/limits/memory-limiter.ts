import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../ports.ts';
import { Limiter } from './limiter.ts';
import type { Allowed } from './limits.ts';
import { dropOldest } from './oldest.ts';
import { SlidingLog } from './sliding-log.ts';

/** Keys between two clean-ups; a clean-up walks all, so it must be rare. */
const SWEEP_EVERY = 10_000;
/** Of each kind. A flood of names within one window pushes out the oldest, which are the nearest to be over anyway. */
const MAX_KEYS = 200_000;

/** For one process. Holds no timer: what is over goes as new keys come. */
@Injectable()
export class MemoryLimiter extends Limiter {
  private readonly logs = new Map<string, SlidingLog>();
  private readonly noted = new Map<string, number>();
  private sinceSweep = 0;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {
    super();
  }

  async take(key: string, limit: number, windowMs: number): Promise<Allowed> {
    const now = this.clock.now();
    let log = this.logs.get(key);
    if (!log) {
      this.sweep(now);
      this.logs.set(key, (log = new SlidingLog(limit, windowMs)));
      dropOldest(this.logs, MAX_KEYS);
    }
    return log.take(now);
  }

  async note(key: string, windowMs: number): Promise<void> {
    this.sweep(this.clock.now());
    // Deleted first so that the map stays in the order of time.
    this.noted.delete(key);
    this.noted.set(key, this.clock.now() + windowMs);
    dropOldest(this.noted, MAX_KEYS);
  }

  async recent(key: string): Promise<boolean> {
    return (this.noted.get(key) ?? 0) > this.clock.now();
  }

  get size(): number {
    return this.logs.size + this.noted.size;
  }

  private sweep(now: number): void {
    if (++this.sinceSweep < SWEEP_EVERY) return;
    this.sinceSweep = 0;
    for (const [key, log] of this.logs) if (log.isOver(now)) this.logs.delete(key);
    for (const [key, until] of this.noted) if (until <= now) this.noted.delete(key);
  }
}
