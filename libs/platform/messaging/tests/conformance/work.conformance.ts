import { describe, expect, it, vi } from 'vitest';
import type { MessagingAdapter, WorkUnit } from '../../src/index.ts';
import { gate, refusedWith, type Stage } from './stage.fixture.ts';

export interface DeadLetter {
  readonly unit: WorkUnit;
  readonly cause: string;
  readonly attempts: number;
}

export type DeadLettersOf = (adapter: MessagingAdapter) => Promise<readonly DeadLetter[]>;

export function workConformance({ start }: Stage, deadLettersOf: DeadLettersOf): void {
  describe('work', () => {
    const unit = (id: string, workClass: WorkUnit['class'] = 'normal'): WorkUnit => ({ kind: 'chat.rebuild.v1', class: workClass, id, data: { id } });

    it('is done once it is queued, after the caller has returned', async () => {
      const finished: string[] = [];
      const bus = await start({ work: new Map([['chat.rebuild.v1', async ({ id }: WorkUnit) => void finished.push(id)]]) });
      const queued = bus.work.enqueue(unit('a'));
      expect(finished).toEqual([]);
      await queued;
      await vi.waitUntil(() => finished.length === 1, { interval: 1 });
    });

    it('is refused when nobody does its kind, and when JSON cannot carry it', async () => {
      const bus = await start({ work: new Map([['chat.rebuild.v1', async () => {}]]) });
      expect(await refusedWith(bus.work.enqueue({ ...unit('a'), kind: 'chat.unknown.v1' }))).toBe('unavailable');
      expect(await refusedWith(bus.work.enqueue({ ...unit('a'), data: 1n }))).toBe('bad_request');
    });

    it('climbs the ladder of retries, then is kept with its cause and attempts', async () => {
      const times: number[] = [];
      const failing = async (): Promise<void> => {
        times.push(Date.now());
        throw new Error('provider is down');
      };
      const bus = await start({ work: new Map([['chat.rebuild.v1', failing]]) }, { RPC_RETRY_DELAYS_MS: [20, 60], RPC_MAX_RETRIES: 3 });
      await bus.work.enqueue(unit('a'));
      await vi.waitUntil(async () => (await deadLettersOf(bus)).length === 1, { interval: 1, timeout: 5000 });
      expect(await deadLettersOf(bus)).toEqual([{ unit: unit('a'), cause: 'provider is down', attempts: 4 }]);
      const gaps = times.slice(1).map((time, index) => time - times[index]!);
      expect(gaps.map((gap, index) => gap >= [19, 59, 59][index]!)).toEqual([true, true, true]);
    });

    it('lets critical work overtake a backlog of bulk', async () => {
      const release = gate();
      const order: string[] = [];
      const bus = await start(
        {
          work: new Map([
            [
              'chat.rebuild.v1',
              async ({ id }: WorkUnit) => {
                if (id === 'first') await release.opened;
                order.push(id);
              },
            ],
          ]),
        },
        { RPC_CONSUMER_PREFETCH: 1 },
      );
      const backlog = Array.from({ length: 50 }, (_, index) => unit(index === 0 ? 'first' : `bulk-${index}`, 'bulk'));
      for (const one of [...backlog, unit('normal'), unit('critical', 'critical')]) await bus.work.enqueue(one);
      release.open();
      await vi.waitUntil(() => order.length === 52, { interval: 1 });
      // What is on its way while the gate opens may slip in before; the backlog behind it may not.
      expect(Math.max(order.indexOf('critical'), order.indexOf('normal'))).toBeLessThan(10);
      expect(order.filter((id) => id.startsWith('bulk'))).toEqual(backlog.slice(1).map(({ id }) => id));
    });
  });
}
