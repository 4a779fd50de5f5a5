/** Which logs have moved, as the fan-out says: each entry says "the log has at least so much", and carries the newest events while there is room. */
import { Injectable } from '@nestjs/common';
import type { ChannelEvent } from '@veche/contracts';

/** Events kept for one channel; a longer run is read from the log. */
const MAX_EVENTS = 200;
/** Characters of event data kept for all channels: memory is bounded whatever the messages. */
const MAX_KEPT = 16_777_216;
/** Channels noted at once. What is beyond is left to the sweep. */
const MAX_CHANNELS = 100_000;

/** A log is known to reach so far. */
export interface Reach {
  readonly channel: string;
  readonly seq: number;
  readonly epoch?: string;
}

export interface Hint {
  readonly channel: string;
  /** The log has at least this. */
  head: number;
  /** Of the numbering that `head` is meant in; '' when the fan-out did not say. */
  epoch: string;
  /** Without a gap, ascending; may be empty. */
  events: ChannelEvent[];
}

@Injectable()
export class Hints {
  /** Called when something was noted. */
  onNoted: () => void = () => undefined;
  private readonly hints = new Map<string, Hint>();
  private kept = 0;

  get size(): number {
    return this.hints.size;
  }

  events(batch: readonly ChannelEvent[]): void {
    for (const event of batch) this.keep(event);
    this.onNoted();
  }

  heads(batch: readonly Reach[]): void {
    for (const { channel, seq, epoch = '' } of batch) this.note(channel, seq, epoch);
    this.onNoted();
  }

  /** Channels in the order in which they were first noted; they are forgotten here. */
  take(count: number): Hint[] {
    const taken: Hint[] = [];
    for (const [channel, hint] of this.hints) {
      if (taken.length === count) break;
      taken.push(hint);
      this.hints.delete(channel);
      this.kept -= sizeOf(hint.events);
    }
    return taken;
  }

  private keep(event: ChannelEvent): void {
    const hint = this.note(event.channel, event.seq, event.epoch);
    if (!hint) return;
    const last = hint.events.at(-1);
    if (last && event.seq <= last.seq) return;
    // Behind a gap, or more than is kept: what is in front of it would have to be read anyway.
    if ((last && event.seq !== last.seq + 1) || hint.events.length === MAX_EVENTS) this.drop(hint);
    const size = event.data.length;
    if (this.kept + size > MAX_KEPT) return this.drop(hint);
    hint.events.push(event);
    this.kept += size;
  }

  private note(channel: string, seq: number, epoch: string): Hint | undefined {
    const known = this.hints.get(channel);
    if (known) {
      known.head = Math.max(known.head, seq);
      if (epoch !== '') known.epoch = epoch;
      return known;
    }
    if (this.hints.size >= MAX_CHANNELS) return undefined;
    const hint = { channel, head: seq, epoch, events: [] };
    this.hints.set(channel, hint);
    return hint;
  }

  private drop(hint: Hint): void {
    this.kept -= sizeOf(hint.events);
    hint.events = [];
  }
}

const sizeOf = (events: readonly ChannelEvent[]): number => events.reduce((sum, { data }) => sum + data.length, 0);
