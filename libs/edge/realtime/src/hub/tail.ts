import type { ChannelEvent } from '@veche/contracts';

const MAX_EVENTS = 256;
const MAX_BYTES = 65_536;

/**
 * The last events of a hot channel, so that a reconnect storm reads memory and not the primary.
 * Holds a contiguous run that ends at the channel's last forwarded seq; made by the first event, so idle channels have none.
 */
export class Tail {
  private events: ChannelEvent[] = [];
  private bytes = 0;

  push(event: ChannelEvent): void {
    this.events.push(event);
    this.bytes += event.data.length;
    if (this.events.length > MAX_EVENTS || this.bytes > MAX_BYTES) this.trim();
  }

  /** What a read of the log has brought from before the first that is held, or up to `last` where nothing is held yet: the next who resumes needs no read. */
  prime(read: readonly ChannelEvent[], last: number): void {
    const first = this.events[0]?.seq ?? last + 1;
    const older = read.filter(({ seq }) => seq < first);
    if (older.at(-1)?.seq !== first - 1) return;
    this.events = [...older, ...this.events];
    this.bytes = sizeOf(this.events);
    if (this.events.length > MAX_EVENTS || this.bytes > MAX_BYTES) this.trim();
  }

  /** Events after `seq`, at most `limit`; `undefined` if the first of them is no longer held. */
  after(seq: number, limit: number): readonly ChannelEvent[] | undefined {
    const first = this.events[0];
    if (!first || seq < first.seq - 1) return undefined;
    const from = seq - first.seq + 1;
    return this.events.slice(from, from + limit);
  }

  /** Drops the older half at once: shifting one by one would move the whole array with every event. */
  private trim(): void {
    const keep = this.bytes > MAX_BYTES ? this.fitting() : MAX_EVENTS / 2;
    this.events = this.events.slice(-keep);
    this.bytes = sizeOf(this.events);
  }

  /** How many of the newest fill half of the bytes; at least one, however large. */
  private fitting(): number {
    let bytes = 0;
    let count = 0;
    while (count < this.events.length && (bytes += this.events.at(-1 - count)!.data.length) <= MAX_BYTES / 2) count++;
    return Math.max(1, count);
  }
}

const sizeOf = (events: readonly ChannelEvent[]): number => events.reduce((sum, { data }) => sum + data.length, 0);
