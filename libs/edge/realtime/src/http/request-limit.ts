import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { dropOldest } from '../limits/oldest.ts';
import { type DoorsConfig, doorsConfig } from './doors.config.ts';

const WINDOW_MS = 60_000;
/** Requests between two sweeps; a key without a request in the window costs nothing after the next one. */
const SWEEP_EVERY = 1_000;
/** A flood of credentials that nobody has checked yet pushes out the oldest keys, and takes no more memory. */
const MAX_KEYS = 100_000;

/**
 * Counts HTTP requests of a user or credential: never more than HTTP_REQUESTS_PER_MINUTE in any 60 seconds. In memory: it limits one process.
 * REST and polls count apart, each with an instance of its own, so that a client that polls can still write.
 */
@Injectable()
export class RequestLimit {
  private readonly times = new Map<string, number[]>();
  private untilSweep = SWEEP_EVERY;
  private now: () => number = () => performance.now();

  constructor(@Inject(doorsConfig.token) private readonly config: Pick<DoorsConfig, 'HTTP_REQUESTS_PER_MINUTE'>) {}

  /** For tests. @param now milliseconds, monotonic */
  static withClock(perMinute: number, now: () => number): RequestLimit {
    return Object.assign(new RequestLimit({ HTTP_REQUESTS_PER_MINUTE: perMinute }), { now });
  }

  /** @throws VecheError `too_many_requests` with the wait; a refused request is not counted. */
  count(key: string): void {
    const now = this.now();
    const recent = (this.times.get(key) ?? []).filter((time) => now - time < WINDOW_MS);
    const oldest = recent[0];
    if (oldest !== undefined && recent.length >= this.config.HTTP_REQUESTS_PER_MINUTE) {
      throw new VecheError('too_many_requests', 'too many requests: wait as long as retry_after says, or use a socket', [], WINDOW_MS - (now - oldest));
    }
    recent.push(now);
    this.times.delete(key);
    this.times.set(key, recent);
    dropOldest(this.times, MAX_KEYS);
    if (--this.untilSweep === 0) this.sweep(now);
  }

  /** Takes back the last count of the key: the request turned out to be one that should be made. */
  refund(key: string): void {
    this.times.get(key)?.pop();
  }

  /** Keys remembered. */
  get size(): number {
    return this.times.size;
  }

  private sweep(now: number): void {
    this.untilSweep = SWEEP_EVERY;
    for (const [key, times] of this.times) if (now - (times.at(-1) ?? Number.NEGATIVE_INFINITY) >= WINDOW_MS) this.times.delete(key);
  }
}
