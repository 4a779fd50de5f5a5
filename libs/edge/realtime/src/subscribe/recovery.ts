import { Inject, Injectable } from '@nestjs/common';
import { type Cursor, MAX_PAGE_BYTES, MAX_PAGE_EVENTS } from '@veche/contracts';
import type { ChannelEvent } from '@veche/contracts';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import { Filler } from '../hub/filler.ts';
import { LogReads } from '../hub/log-reads.ts';
import { Positions } from '../hub/positions.ts';
import type { Start } from './wish.ts';

const LOST: Start = { from: 'lost' };

/** Finds what a client has missed. Says `lost` rather than anything incomplete. */
@Injectable()
export class Recovery {
  constructor(
    private readonly reads: LogReads,
    private readonly positions: Positions,
    private readonly filler: Filler,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'RESUME_MAX_EVENTS'>,
  ) {}

  /** @throws VecheError when the log cannot be read now. */
  async start(state: ChannelState, cursor: Cursor): Promise<Start> {
    // The client may have seen an event through another pod that the fan-out has not brought here yet.
    if (cursor.seq > state.last) await this.lookAhead(state, cursor.seq);
    if (state.gone || (cursor.epoch !== '' && cursor.epoch !== state.epoch)) return LOST;
    if (cursor.seq > state.last || state.last - cursor.seq > this.config.RESUME_MAX_EVENTS) return LOST;
    if (cursor.seq === state.last) return { from: 'page', after: cursor.seq, events: [] };
    const events = await this.page(state, cursor.seq);
    return events ? { from: 'page', after: cursor.seq, events } : LOST;
  }

  /** The next events after a position that is below the top; `undefined`: they are no longer held, or the numbering was replaced. */
  async page(state: ChannelState, after: number): Promise<readonly ChannelEvent[] | undefined> {
    const recent = state.recent(after, MAX_PAGE_EVENTS);
    if (recent && recent.length > 0 && isKept(state, recent[0]!)) return withinBytes(recent);
    const page = await this.reads.after(state.name, after, { atLeast: state.last, kept: state.kept });
    if (!page || page.epoch !== state.epoch || page.first_seq > after + 1) return undefined;
    // What was read is as good as what the fan-out brings: whoever listens already gets it in the same order.
    for (const event of page.events) this.filler.accept(event);
    // A crowd comes back to a thread from about the same place; an inbox has one reader.
    if (!state.name.startsWith('user:')) state.prime(page.events);
    return page.events.length > 0 ? page.events : undefined;
  }

  private async lookAhead(state: ChannelState, seq: number): Promise<void> {
    const position = await this.positions.of(state.name);
    if (position && position.epoch === state.epoch && position.seq >= seq) await this.filler.reach(state, position.seq);
    else if (position && state.epoch === '' && state.last === 0) await this.filler.reach(state, position.seq);
  }
}

/** The tail outlives what a namespace keeps. */
const isKept = ({ kept, last }: ChannelState, { seq, ts }: ChannelEvent): boolean =>
  kept === undefined || (seq > last - kept.size && ts > Date.now() - kept.ttl_ms);

/** The first is given whatever its size. */
function withinBytes(events: readonly ChannelEvent[]): readonly ChannelEvent[] {
  let bytes = 0;
  let count = 0;
  while (count < events.length && (bytes += events[count]!.data.length) <= MAX_PAGE_BYTES) count++;
  return events.slice(0, Math.max(1, count));
}
