import { Inject, Injectable } from '@nestjs/common';
import { MAX_PAGE_BYTES, MAX_PAGE_EVENTS, VecheError } from '@veche/contracts';
import type { KeptHistory, LogPage } from '@veche/event-log';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { EVENT_LOG, type LogReader } from '../ports.ts';

interface After {
  readonly atLeast?: number;
  readonly limit?: number;
  readonly kept?: KeptHistory | undefined;
}

const textOf = (kept: KeptHistory | undefined): string => (kept ? `${kept.size} ${kept.ttl_ms}` : '');

interface InFlight {
  /** What the page is sure to have seen. */
  readonly atLeast: number;
  readonly page: Promise<LogPage | undefined>;
}

/** Reads that may wait for a place; past it clients are told to come later (111) rather than kept waiting. */
const MAX_WAITING = 2_000;

/**
 * The only way from a session to the log. Equal reads that are in flight together become one, and few are in flight at once:
 * a reconnect storm must not reach the primary as a storm.
 */
@Injectable()
export class LogReads {
  private readonly inFlight = new Map<string, InFlight>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(
    @Inject(EVENT_LOG) private readonly log: LogReader,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_LOG_READS'>,
  ) {}

  /**
   * The page after a position; `undefined`: no such channel.
   * @param kept what is shown of the log; absent for the hub itself, which fills gaps with whatever there is
   * @param atLeast a seq that is known to exist: a replica that has not seen it may not answer.
   * @throws VecheError too_many_requests, unavailable
   */
  after(channel: string, seq: number, { atLeast = 0, limit = MAX_PAGE_EVENTS, kept }: After = {}): Promise<LogPage | undefined> {
    // Whoever comes while the channel grows knows of a higher seq than the one before: a page that has anything after the position serves both.
    return this.shared(`${channel} >${seq} ${limit} ${textOf(kept)}`, { atLeast, enough: Math.min(atLeast, seq + 1) }, () =>
      this.log.read(channel, { after: seq, limit, maxBytes: MAX_PAGE_BYTES, atLeast, kept }),
    );
  }

  /** The page before a position, ascending. */
  before(channel: string, seq: number, limit: number, kept?: KeptHistory): Promise<LogPage | undefined> {
    return this.shared(`${channel} <${seq} ${limit} ${textOf(kept)}`, { atLeast: 0, enough: 0 }, () =>
      this.log.read(channel, { before: seq, limit, maxBytes: MAX_PAGE_BYTES, kept }),
    );
  }

  private shared(key: string, seen: { readonly atLeast: number; readonly enough: number }, read: () => Promise<LogPage | undefined>): InFlight['page'] {
    const equal = this.inFlight.get(key);
    if (equal && equal.atLeast >= seen.enough) return equal.page;
    const page = this.bounded(read).finally(() => {
      if (this.inFlight.get(key)?.page === page) this.inFlight.delete(key);
    });
    this.inFlight.set(key, { atLeast: seen.atLeast, page });
    return page;
  }

  private async bounded(read: () => Promise<LogPage | undefined>): Promise<LogPage | undefined> {
    if (this.running >= this.config.GATEWAY_LOG_READS) await this.place();
    else this.running++;
    try {
      return await read();
    } finally {
      // The place goes to the next in line, so `running` is unchanged then.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private place(): Promise<void> {
    if (this.waiting.length >= MAX_WAITING)
      throw new VecheError('too_many_requests', 'too many sessions are resuming at once: try again in a few seconds', [], 2_000);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
