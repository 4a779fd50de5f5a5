import { Injectable } from '@nestjs/common';
import { type ChannelEvent, type Grant, MAX_PAGE_EVENTS, VecheError } from '@veche/contracts';
import type { Cursor } from '@veche/contracts';
import { LogReads } from '../hub/log-reads.ts';
import { Positions } from '../hub/positions.ts';

export interface HistoryQuery {
  /** 0: the position alone; -1: as many as a page holds; more than that is clipped. */
  readonly limit: number;
  readonly since?: Cursor | undefined;
  /** Newest first, below `since`. */
  readonly reverse: boolean;
}

export interface HistoryPage {
  readonly publications: readonly ChannelEvent[];
  readonly epoch: string;
  /** Top of the log. */
  readonly offset: number;
}

/** Pages of a channel's log for clients and backends. The caller has checked the right to read. */
@Injectable()
export class History {
  constructor(
    private readonly reads: LogReads,
    private readonly positions: Positions,
  ) {}

  /** @throws VecheError not_available without a log, bad_request, unrecoverable_position for another epoch. */
  async page(channel: string, { options }: Grant, query: HistoryQuery): Promise<HistoryPage> {
    if (!options.durable) throw new VecheError('not_available', 'the channel keeps no history');
    if (query.reverse && query.since?.seq === 0) throw new VecheError('bad_request', 'nothing is before offset 0');
    const limit = query.limit < 0 ? MAX_PAGE_EVENTS : Math.min(query.limit, MAX_PAGE_EVENTS);
    const page = limit === 0 ? await this.top(channel) : await this.read(channel, query, limit, options.kept);
    if (query.since && query.since.epoch !== '' && query.since.epoch !== page.epoch) throw new VecheError('unrecoverable_position');
    return page;
  }

  private async top(channel: string): Promise<HistoryPage> {
    const position = await this.positions.of(channel);
    return { publications: [], epoch: position?.epoch ?? '', offset: position?.seq ?? 0 };
  }

  private async read(channel: string, { since, reverse }: HistoryQuery, limit: number, kept: Grant['options']['kept']): Promise<HistoryPage> {
    const page = reverse
      ? await this.reads.before(channel, since?.seq ?? Number.MAX_SAFE_INTEGER, limit, kept)
      : await this.reads.after(channel, since?.seq ?? 0, { atLeast: since?.seq ?? 0, limit, kept });
    if (!page) return { publications: [], epoch: '', offset: 0 };
    return { publications: reverse ? page.events.toReversed() : page.events, epoch: page.epoch, offset: page.last_seq };
  }
}
