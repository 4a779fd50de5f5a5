import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { type HttpConfig, httpConfig } from '../http.config.ts';

const WINDOW_MS = 60_000;
/** Users between two sweeps; a user without a request in the window costs nothing after the next one. */
const SWEEP_EVERY = 1_000;

/** Counts REST requests of users: never more than the setting in any 60 seconds. In memory: it limits one process. */
@Injectable()
export class RequestLimit {
  private readonly times = new Map<string, number[]>();
  private untilSweep = SWEEP_EVERY;
  private now: () => number = () => performance.now();

  constructor(@Inject(httpConfig.token) private readonly config: Pick<HttpConfig, 'HTTP_REQUESTS_PER_MINUTE'>) {}

  /** For tests. @param now milliseconds, monotonic */
  static withClock(perMinute: number, now: () => number): RequestLimit {
    return Object.assign(new RequestLimit({ HTTP_REQUESTS_PER_MINUTE: perMinute }), { now });
  }

  /** @throws VecheError `too_many_requests` with the wait; a refused request is not counted. */
  count(user: string): void {
    const now = this.now();
    const recent = (this.times.get(user) ?? []).filter((time) => now - time < WINDOW_MS);
    const oldest = recent[0];
    if (oldest !== undefined && recent.length >= this.config.HTTP_REQUESTS_PER_MINUTE) {
      throw new VecheError('too_many_requests', 'too many requests: wait as long as retry_after says, or use a socket', [], WINDOW_MS - (now - oldest));
    }
    recent.push(now);
    this.times.set(user, recent);
    if (--this.untilSweep === 0) this.sweep(now);
  }

  /** Users remembered. */
  get size(): number {
    return this.times.size;
  }

  private sweep(now: number): void {
    this.untilSweep = SWEEP_EVERY;
    for (const [user, times] of this.times) if (now - (times.at(-1) ?? 0) >= WINDOW_MS) this.times.delete(user);
  }
}
