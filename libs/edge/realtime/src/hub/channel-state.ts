import type { ChannelEvent, ChannelOptions, Signal } from '@veche/contracts';
import type { Gate } from './seq-gate.rules.ts';
import { Groups } from './groups.ts';
import { Tail } from './tail.ts';

/** What goes to a channel's subscribers, in order. */
export type Item = ChannelEvent | Signal;
export const isEvent = (item: Item): item is ChannelEvent => 'seq' in item;

/** A channel with local subscribers (or sessions on the way to it): where its forwarding stands and who listens. */
export class ChannelState implements Gate {
  epoch = '';
  last = 0;
  /** Highest seq heard of beyond a gap; 0: no gap. */
  wanted = 0;
  /** Highest seq that the fan-out only told of: what is read up to there was not lost. */
  announced = 0;
  filling = false;
  /** No longer in the hub: its numbering was replaced, or nobody is left. */
  gone = false;
  /** Sessions that hold it: subscribed, catching up, or on their way. */
  holders = 0;
  /** Settles when `epoch` and `last` are known; null once they are, and for channels without a log. */
  opening: Promise<void> | null = null;
  /** The moment when they were: from then on no event of it goes unnoticed. */
  openedAt = Number.POSITIVE_INFINITY;
  /** What is shown of the log; absent: all of it. The same for every session. */
  kept: ChannelOptions['kept'];
  readonly groups = new Groups();
  /** The broadcast that is under way in parts; null: none. */
  sending: Iterator<void> | null = null;
  private tail: Tail | null = null;
  /** Forwarded within this turn of the event loop, not yet encoded; null while nothing waits. */
  private pending: Item[] | null = null;

  constructor(
    readonly name: string,
    /** Has a log: events with seq, positions, recovery. */
    readonly durable: boolean,
  ) {}

  /** Takes the event that follows `last`. True: it is the first of this turn, so a flush must be scheduled. */
  forward(event: ChannelEvent): boolean {
    this.epoch = event.epoch;
    this.last = event.seq;
    (this.tail ??= new Tail()).push(event);
    return this.add(event);
  }

  /** Events that were read from the log, contiguous; remembered if they reach what is known already. */
  prime(events: readonly ChannelEvent[]): void {
    (this.tail ??= new Tail()).prime(events, this.last);
  }

  add(item: Item): boolean {
    if (this.pending) {
      this.pending.push(item);
      return false;
    }
    this.pending = [item];
    return true;
  }

  /** Something waits to be sent. */
  get waits(): boolean {
    return this.pending !== null;
  }

  /** What waits to be sent; the caller sends it now. */
  takePending(): readonly Item[] | null {
    const items = this.pending;
    this.pending = null;
    return items;
  }

  recent(after: number, limit: number): readonly ChannelEvent[] | undefined {
    return this.tail?.after(after, limit);
  }
}
