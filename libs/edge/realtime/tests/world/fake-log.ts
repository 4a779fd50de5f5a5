/** A log in memory with the semantics of the real one, and switches for what can go wrong with it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type ChannelEvent, VecheError } from '@veche/contracts';
import type { LogPage, PageRequest, Position } from '@veche/event-log';

interface Channel {
  epoch: string;
  firstSeq: number;
  readonly events: ChannelEvent[];
}

export interface Appending {
  readonly kind?: string;
  readonly actor?: string;
  readonly command_id?: string;
  readonly data?: string;
  readonly meta?: string | null;
}

export class FakeLog {
  readonly channels = new Map<string, Channel>();
  reads = 0;
  positionQueries = 0;
  /** Reads wait for this. */
  gate: Promise<void> | undefined;
  failing = false;

  open(channel: string): Channel {
    let found = this.channels.get(channel);
    if (!found) this.channels.set(channel, (found = { epoch: randomBytes(4).toString('hex'), firstSeq: 1, events: [] }));
    return found;
  }

  append(
    channel: string,
    { kind = 'chat.message-sent.v1', actor = 'someone', command_id = randomUUID(), data = '{"text":"hello"}', meta = null }: Appending = {},
  ): ChannelEvent {
    const log = this.open(channel);
    const known = log.events.find((event) => event.actor === actor && event.command_id === command_id);
    if (known) return known;
    const event = { channel, epoch: log.epoch, seq: this.top(log) + 1, id: randomUUID(), kind, actor, command_id, ts: Date.now(), data, meta };
    log.events.push(event);
    return event;
  }

  /** A restore from yesterday: the newest events are gone, the numbering is another. */
  rewind(channel: string, keep: number): void {
    const log = this.open(channel);
    log.epoch = randomBytes(4).toString('hex');
    log.events.splice(keep);
  }

  trim(channel: string, firstSeq: number): void {
    const log = this.open(channel);
    log.events.splice(0, firstSeq - log.firstSeq);
    log.firstSeq = firstSeq;
  }

  async read(channel: string, { after, before, limit, maxBytes = Number.POSITIVE_INFINITY }: PageRequest): Promise<LogPage | undefined> {
    this.reads++;
    await this.pass();
    const log = this.channels.get(channel);
    if (!log) return undefined;
    const wanted =
      after === undefined ? log.events.filter((event) => event.seq < before!).slice(-limit) : log.events.filter((event) => event.seq > after).slice(0, limit);
    let bytes = 0;
    const events = wanted.filter((event, at) => (bytes += event.data.length) <= maxBytes || at === 0);
    return { epoch: log.epoch, first_seq: log.firstSeq, last_seq: this.top(log), events: events.map((event) => ({ ...event, epoch: log.epoch })) };
  }

  async positions(known: readonly Position[]): Promise<readonly Position[]> {
    this.positionQueries++;
    // What is seen is as old as the question: the answer comes later.
    const found = known.flatMap(({ channel, epoch, seq }) => {
      const log = this.channels.get(channel);
      const top = log && { channel, epoch: log.epoch, seq: this.top(log) };
      return top && (top.epoch !== epoch || top.seq !== seq) ? [top] : [];
    });
    await this.pass();
    return found;
  }

  private top(log: Channel): number {
    return log.events.at(-1)?.seq ?? log.firstSeq - 1;
  }

  private async pass(): Promise<void> {
    await this.gate;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failing) throw new VecheError('unavailable', 'the database is away');
  }
}
