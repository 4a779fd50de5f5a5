/**
 * What carries events and signals must do, whatever carries them: `eventsConformance` within one process,
 * as a part of the suite of every adapter, `fanoutConformance` for a fan-out by itself, between processes too.
 */
import type { ChannelEvent, Signal } from '@veche/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EventBus, Fanout, FanoutReader, Head, MessagingConfig } from '../../src/index.ts';

export const event = (channel: string, seq: number): ChannelEvent => ({
  channel,
  epoch: 'e',
  seq,
  id: `id-${seq}`,
  kind: 'chat.message-sent.v1',
  actor: 'ann',
  command_id: `c-${seq}`,
  ts: 1,
  data: '{"text":"жя"}',
  meta: null,
});
export const signal = (channel: string, actor = 'ann'): Signal => ({ channel, kind: 'chat.typing-started.v1', actor, data: '{}', meta: null });

/** Remembers all that it is told. */
export class Reader implements FanoutReader {
  readonly seen: ChannelEvent[] = [];
  readonly signalled: string[] = [];
  readonly heads: Head[] = [];
  interruptions = 0;
  constructor(private readonly channels: (channel: string) => boolean = () => true) {}
  wants(channel: string): boolean {
    return this.channels(channel);
  }
  events(batch: readonly ChannelEvent[]): void {
    this.seen.push(...batch);
  }
  signals(batch: readonly Signal[]): void {
    this.signalled.push(...batch.map(({ kind }) => kind));
  }
  advanced(heads: readonly Head[]): void {
    this.heads.push(...heads);
  }
  interrupted(): void {
    this.interruptions++;
  }
}

/** @param open a bus on which nobody else publishes, started; whoever opens it stops it after each test */
export function eventsConformance(open: (settings: Partial<MessagingConfig>) => Promise<EventBus>): void {
  describe('events and signals', () => {
    it('reach every reader, in the order published, bytes unchanged, with the trace of those that have one', async () => {
      const bus = await open({});
      const readers = [new Reader(), new Reader()];
      for (const reader of readers) bus.subscribe(reader);
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const events = [1, 2, 3].map((seq) => ({ ...event('thread:a', seq), ...(seq === 2 && { traceparent }) }));
      await bus.publish(events.slice(0, 2));
      await bus.publish(events.slice(2));
      await vi.waitUntil(() => readers.every(({ seen }) => seen.length === 3), { interval: 1 });
      expect(readers.map(({ seen }) => seen)).toEqual([events, events]);
    });

    it('give a reader only the channels it wants, and nothing once it has left', async () => {
      const bus = await open({});
      const picky = new Reader((channel) => channel === 'thread:b');
      const all = new Reader();
      const leave = bus.subscribe(picky);
      bus.subscribe(all);
      await bus.publish([event('thread:a', 1), event('thread:b', 2)]);
      await vi.waitUntil(() => all.seen.length === 2, { interval: 1 });
      leave();
      await bus.publish([event('thread:b', 3)]);
      await vi.waitUntil(() => all.seen.length === 3, { interval: 1 });
      expect(picky.seen.map(({ seq }) => seq)).toEqual([2]);
    });

    it('go on when one reader throws', async () => {
      const bus = await open({});
      const broken = new Reader();
      broken.events = () => {
        throw new Error('broken reader');
      };
      const sound = new Reader();
      bus.subscribe(broken);
      bus.subscribe(sound);
      await bus.publish([event('thread:a', 1)]);
      await vi.waitUntil(() => sound.seen.length === 1, { interval: 1 });
    });

    it('drop signals beyond the backlog and no event', async () => {
      const bus = await open({ BUS_SIGNAL_BACKLOG: 10 });
      const reader = new Reader();
      bus.subscribe(reader);
      const signals = Array.from({ length: 100 }, () => signal('thread:a'));
      const published = bus.publish([event('thread:a', 1)]);
      for (const one of signals) bus.signal([one]);
      await published;
      await vi.waitUntil(() => reader.seen.length === 1 && reader.signalled.length > 0, { interval: 1 });
      expect(reader.signalled.length).toBeLessThanOrEqual(10);
    });

    it('reject what does not fit a record, so that its batch is not acknowledged', async () => {
      const bus = await open({});
      bus.subscribe(new Reader());
      await expect(bus.publish([{ ...event('thread:a', 1), kind: 'k'.repeat(300) }])).rejects.toThrow();
    });
  });
}

/**
 * @param open one process of this test's cluster, not started; each call opens another
 * @param carries what reaches the readers of other processes: the events, or how far the logs reach
 */
export function fanoutConformance(name: string, open: (settings: Partial<MessagingConfig>) => Promise<Fanout>, carries: 'events' | 'heads' = 'events'): void {
  describe(`the fan-out, ${name}`, () => {
    const opened: Fanout[] = [];
    const made = async (settings: Partial<MessagingConfig> = {}): Promise<Fanout> => {
      const fanout = await open(settings);
      opened.push(fanout);
      return fanout;
    };
    const start = async (settings: Partial<MessagingConfig>): Promise<Fanout> => {
      const fanout = await made(settings);
      await fanout.start();
      return fanout;
    };
    /** A process whose reader hears what others publish from now on. */
    const listening = async (channels?: (channel: string) => boolean): Promise<{ readonly fanout: Fanout; readonly reader: Reader }> => {
      const [fanout, reader] = [await made(), new Reader(channels)];
      fanout.subscribe(reader);
      await fanout.start();
      return { fanout, reader };
    };
    /** What a reader was told of a channel by other processes. */
    const told = ({ seen, heads }: Reader, channel: string): number[] =>
      (carries === 'events' ? seen : heads).filter((one) => one.channel === channel).map(({ seq }) => seq);
    const reaches = async (reader: Reader, channel: string, last: number): Promise<void> =>
      void (await vi.waitUntil(() => told(reader, channel).at(-1) === last, { interval: 1, timeout: 5000 }));
    const fifty = Array.from({ length: 50 }, (_, index) => event('thread:a', index + 1));
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((fanout) => fanout.stop()));
    });

    eventsConformance(start);

    it('tells the readers of every other process, in order', async () => {
      const [{ fanout }, ...others] = [await listening(), await listening(), await listening()];
      for (const one of fifty) await fanout.publish([one]);
      for (const { reader } of others) {
        await reaches(reader, 'thread:a', 50);
        if (carries === 'events') expect(reader.seen).toEqual(fifty);
        else expect(told(reader, 'thread:a')).toEqual(told(reader, 'thread:a').toSorted((a, b) => a - b));
      }
    });

    it('tells each reader of the publishing process once: nobody hears an echo', async () => {
      const [first, second] = [await listening(), await listening()];
      await first.fanout.publish(fifty);
      await reaches(second.reader, 'thread:a', 50);
      // What went out before it has come back by the time that the answer is here.
      await second.fanout.publish([event('thread:b', 1)]);
      await reaches(first.reader, 'thread:b', 1);
      expect(first.reader.seen.filter(({ channel }) => channel === 'thread:a')).toEqual(fifty);
      expect(first.reader.heads.filter(({ channel }) => channel === 'thread:a')).toEqual([]);
      expect(second.reader.seen.filter(({ channel }) => channel === 'thread:b')).toEqual([event('thread:b', 1)]);
    });

    it('tells of wanted channels only', async () => {
      const [{ fanout }, { reader }] = [await listening(), await listening((channel) => channel !== 'thread:a')];
      await fanout.publish([event('thread:a', 1), event('thread:b', 7)]);
      await reaches(reader, 'thread:b', 7);
      expect(told(reader, 'thread:a')).toEqual([]);
    });

    it('carries signals to other processes', async () => {
      const [{ fanout }, { reader }] = [await listening(), await listening()];
      fanout.signal([signal('thread:a'), signal('thread:b')]);
      await vi.waitUntil(() => reader.signalled.length === 2, { interval: 1, timeout: 5000 });
    });

    it('carries an event of the greatest size', async () => {
      const [{ fanout }, { reader }] = [await listening(), await listening()];
      await fanout.publish([{ ...event('thread:a', 1), data: JSON.stringify({ text: 'ж'.repeat(32_700) }) }]);
      await reaches(reader, 'thread:a', 1);
    });

    it('hears nothing more once it has stopped, and then refuses to publish', async () => {
      const [first, second, third] = [await listening(), await listening(), await listening()];
      await second.fanout.stop();
      await first.fanout.publish([event('thread:a', 1)]);
      await reaches(third.reader, 'thread:a', 1);
      expect([second.reader.seen, second.reader.heads]).toEqual([[], []]);
      await expect(second.fanout.publish([event('thread:a', 2)])).rejects.toMatchObject({ error: 'unavailable' });
    });

    it('sends what is waiting before it stops', async () => {
      const [first, { reader }] = [await listening(), await listening()];
      void first.fanout.publish([event('thread:a', 3)]);
      await first.fanout.stop();
      await reaches(reader, 'thread:a', 3);
    });

    it('stops when it was never started, and twice', async () => {
      const fanout = await made();
      await fanout.stop();
      await fanout.stop();
    });
  });
}
