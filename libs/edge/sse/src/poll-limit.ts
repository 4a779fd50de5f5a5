import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { type SseConfig, sseConfig } from './sse.config.ts';

const WINDOW_MS = 60_000;
/** Pollers remembered; at more the windows begin anew, which lets some poll too often for a minute. */
const MAX_POLLERS = 100_000;

/** Counts polls of one credential, or of one address without any, in minutes that begin with the first poll. */
@Injectable()
export class PollLimit {
  private readonly windows = new Map<string, { readonly since: number; count: number }>();

  constructor(@Inject(sseConfig.token) private readonly config: Pick<SseConfig, 'HTTP_POLLS_PER_MINUTE'>) {}

  /** @param key is hashed: a token is not kept. @throws VecheError `too_many_requests` with the wait */
  count(key: string, now: number = performance.now()): void {
    const id = createHash('sha256').update(key).digest('base64url').slice(0, 16);
    const known = this.windows.get(id);
    if (!known || now - known.since >= WINDOW_MS) return this.begin(id, now);
    if (known.count >= this.config.HTTP_POLLS_PER_MINUTE) throw new VecheError('too_many_requests', 'too many polls: wait as long as retry_after says, or use a stream', [], WINDOW_MS - (now - known.since));
    known.count++;
  }

  private begin(id: string, now: number): void {
    if (this.windows.size >= MAX_POLLERS) this.windows.clear();
    this.windows.set(id, { since: now, count: 1 });
  }
}
