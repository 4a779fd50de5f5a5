import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { Limiter } from '@veche/platform-redis';
import { type DoorsConfig, doorsConfig } from './doors.config.ts';

const WINDOW_MS = 60_000;

/** Counts HTTP requests of a user or credential: never more than HTTP_REQUESTS_PER_MINUTE in any 60 seconds, over all processes where they share Redis. */
@Injectable()
export class RequestLimit {
  constructor(
    @Inject(doorsConfig.token) private readonly config: Pick<DoorsConfig, 'HTTP_REQUESTS_PER_MINUTE'>,
    private readonly limiter: Limiter,
  ) {}

  /**
   * @param key what is counted and whose: REST and polls count apart, so that a client that polls can still write
   * @throws VecheError `too_many_requests` with the wait; a refused request is not counted
   */
  async count(key: string): Promise<void> {
    const { ok, retryAfterMs } = await this.limiter.take(key, this.config.HTTP_REQUESTS_PER_MINUTE, WINDOW_MS);
    if (!ok) throw new VecheError('too_many_requests', 'too many requests: wait as long as retry_after says, or use a socket', [], retryAfterMs);
  }

  /** Takes back the last count of the key: the request turned out to be one that should be made. */
  async refund(key: string): Promise<void> {
    await this.limiter.giveBack(key);
  }
}
