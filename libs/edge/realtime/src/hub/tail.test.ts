import type { ChannelEvent } from '@veche/contracts';
import { array, assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { Tail } from './tail.ts';

const event = (seq: number, bytes = 10): ChannelEvent => ({
  channel: 'c',
  epoch: 'e',
  seq,
  id: '',
  kind: 'k',
  actor: '',
  command_id: '',
  ts: 0,
  data: 'x'.repeat(bytes),
  meta: null,
});

it('gives exactly the events after a position, or nothing at all when it no longer holds the first of them', () => {
  assert(
    property(
      array(integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 600 }),
      integer({ min: 0, max: 600 }),
      integer({ min: 1, max: 300 }),
      (sizes, after, limit) => {
        const tail = new Tail();
        sizes.forEach((bytes, at) => tail.push(event(at + 1, bytes)));
        const found = tail.after(after, limit);
        if (found === undefined) expect(after).toBeLessThan(sizes.length);
        else expect(found.map(({ seq }) => seq)).toEqual(Array.from({ length: Math.min(limit, Math.max(0, sizes.length - after)) }, (_, at) => after + at + 1));
      },
    ),
  );
});

it('stays within 256 events and 64 KB', () => {
  const tail = new Tail();
  for (let seq = 1; seq <= 10_000; seq++) tail.push(event(seq, 1_000));
  const held = tail.after(tailStart(tail), 10_000)!;
  expect(held.length).toBeLessThanOrEqual(256);
  expect(held.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(65_536);
  expect(held.at(-1)!.seq).toBe(10_000);
});

it('holds one event that is larger than all of it', () => {
  const tail = new Tail();
  tail.push(event(1, 10));
  tail.push(event(2, 200_000));
  expect(tail.after(1, 5)!.map(({ seq }) => seq)).toEqual([2]);
  expect(tail.after(0, 5)).toBeUndefined();
});

function tailStart(tail: Tail): number {
  for (let after = 10_000; after > 0; after--) if (!tail.after(after - 1, 1)) return after;
  return 0;
}

it('takes what was read before it, and is then as if it had been there from that on', () => {
  assert(
    property(integer({ min: 1, max: 40 }), integer({ min: 0, max: 40 }), integer({ min: 0, max: 40 }), (from, read, live) => {
      const tail = new Tail();
      const last = from + read + live - 1;
      for (let seq = from + read; seq <= last; seq++) tail.push(event(seq));
      const overlap = Math.min(live, 3);
      tail.prime(
        Array.from({ length: read + overlap }, (_, at) => event(from + at)),
        last,
      );
      const found = tail.after(from - 1, 1_000);
      if (read + live === 0) expect(found).toBeUndefined();
      else expect(found!.map(({ seq }) => seq)).toEqual(Array.from({ length: read + live }, (_, at) => from + at));
    }),
  );
});

it('takes nothing that leaves a hole, and stays within its bounds', () => {
  const tail = new Tail();
  tail.push(event(10));
  tail.prime([event(5), event(6)], 10);
  expect(tail.after(4, 10)).toBeUndefined();
  tail.prime([event(8), event(9), event(10)], 10);
  expect(tail.after(7, 10)!.map(({ seq }) => seq)).toEqual([8, 9, 10]);
  tail.prime(
    Array.from({ length: 7 }, (_, at) => event(at + 1, 60_000)),
    10,
  );
  expect(tail.after(9, 10)!.map(({ seq }) => seq)).toEqual([10]);
  expect(tail.after(0, 10)).toBeUndefined();
});
