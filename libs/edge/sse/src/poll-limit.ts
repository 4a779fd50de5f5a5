import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type DoorsConfig, doorsConfig, Limiter, RequestLimit } from '@veche/edge-realtime';

/** Polls in all for one that finds nothing more: 100,000 events are caught up with in a minute. */
const CATCHING_UP = 20;

/**
 * Counts the polls of a credential. Whoever catches up is to ask again at once, so a poll that brought only a part is given back;
 * yet polls in all are bounded too, or asking for the same old page again and again would be free.
 */
@Injectable()
export class PollLimit {
  private readonly idle: RequestLimit;
  private readonly all: RequestLimit;

  constructor(@Inject(doorsConfig.token) { HTTP_REQUESTS_PER_MINUTE }: Pick<DoorsConfig, 'HTTP_REQUESTS_PER_MINUTE'>, limiter: Limiter) {
    this.idle = new RequestLimit({ HTTP_REQUESTS_PER_MINUTE }, limiter);
    this.all = new RequestLimit({ HTTP_REQUESTS_PER_MINUTE: HTTP_REQUESTS_PER_MINUTE * CATCHING_UP }, limiter);
  }

  /** @returns what takes it back when the poll brought only a part. @throws VecheError `too_many_requests` with the wait */
  async count(credential: string): Promise<() => Promise<void>> {
    // A credential is not kept, not even to count by.
    const key = createHash('sha256').update(credential).digest('base64url');
    await this.all.count(`polls ${key}`);
    await this.idle.count(`idle polls ${key}`);
    return () => this.idle.refund(`idle polls ${key}`);
  }
}
