import { type Allowed, Limiter } from './limiter.ts';
import { dropOldest } from './oldest.ts';
import { SlidingLog } from './sliding-log.ts';

/** Keys between two clean-ups; a clean-up walks all, so it must be rare. */
const SWEEP_EVERY = 10_000;
/** Of each kind. A flood of names within one window pushes out the oldest, which are the nearest to be over anyway. */
const MAX_KEYS = 200_000;

/** For one process. Holds no timer: what is over goes as new keys come. */
export class MemoryLimiter extends Limiter {
  private readonly logs = new Map<string, SlidingLog>();
  private readonly noted = new Map<string, number>();
  private sinceSweep = 0;

  /** @param now milliseconds, monotonic */
  constructor(private readonly now: () => number = () => performance.now()) {
    super();
  }

  async take(key: string, limit: number, windowMs: number): Promise<Allowed> {
    return this.log(key, limit, windowMs).take(this.now());
  }

  async giveBack(key: string): Promise<void> {
    this.logs.get(key)?.giveBack();
  }

  async note(key: string, windowMs: number): Promise<void> {
    this.sweep(this.now());
    // Deleted first so that the map stays in the order of time.
    this.noted.delete(key);
    this.noted.set(key, this.now() + windowMs);
    dropOldest(this.noted, MAX_KEYS);
  }

  async recent(key: string): Promise<boolean> {
    return this.remembers(key);
  }

  /** Milliseconds until one more would pass by what this process knows. */
  waitFor(key: string): number {
    return this.logs.get(key)?.waitAt(this.now()) ?? 0;
  }

  /** Counts one that was let pass elsewhere. */
  add(key: string, limit: number, windowMs: number): void {
    this.log(key, limit, windowMs).add(this.now());
  }

  remembers(key: string): boolean {
    return (this.noted.get(key) ?? 0) > this.now();
  }

  get size(): number {
    return this.logs.size + this.noted.size;
  }

  private log(key: string, limit: number, windowMs: number): SlidingLog {
    const known = this.logs.get(key);
    if (known) return known;
    this.sweep(this.now());
    const log = new SlidingLog(limit, windowMs);
    this.logs.set(key, log);
    dropOldest(this.logs, MAX_KEYS);
    return log;
  }

  private sweep(now: number): void {
    if (++this.sinceSweep < SWEEP_EVERY) return;
    this.sinceSweep = 0;
    for (const [key, log] of this.logs) if (log.isOver(now)) this.logs.delete(key);
    for (const [key, until] of this.noted) if (until <= now) this.noted.delete(key);
  }
}
