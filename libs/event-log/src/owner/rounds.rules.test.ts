import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Admitted } from './admission.rules.ts';
import { rounds } from './rounds.rules.ts';

const command = (channel: string, kind: string, index: number): Admitted => ({ index, envelope: { channel, kind } }) as unknown as Admitted;
const plan = (...pairs: [string, string][]) =>
  rounds(pairs.map(([channel, kind], i) => command(channel, kind, i))).map((round) => round.map((group) => group.map(({ index }) => index)));

test('one kind is one round, whatever the channels are', () => {
  expect(plan(['a', 'say'], ['b', 'say'], ['a', 'say'])).toEqual([[[0, 1, 2]]]);
});

test('another kind on the same channel waits for the next round, on another channel it does not', () => {
  expect(plan(['a', 'say'], ['a', 'edit'], ['b', 'edit'], ['a', 'say'])).toEqual([[[0], [2]], [[1]], [[3]]]);
});

test('whatever the batch: nothing is lost, each channel keeps its order, a round has one kind per channel', () => {
  const batch = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('say', 'edit', 'react')), { maxLength: 40 });
  fc.assert(
    fc.property(batch, (pairs) => {
      const planned = rounds(pairs.map(([channel, kind], i) => command(channel, kind, i)));
      const inOrder = planned.flatMap((round) => round.flat());
      expect(inOrder.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(pairs.map((_, i) => i));
      for (const channel of ['a', 'b', 'c']) {
        const own = inOrder.filter(({ envelope }) => envelope.channel === channel).map(({ index }) => index);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
        for (const round of planned)
          expect(
            new Set(
              round
                .flat()
                .filter(({ envelope }) => envelope.channel === channel)
                .map(({ envelope }) => envelope.kind),
            ).size,
          ).toBeLessThanOrEqual(1);
      }
    }),
  );
});
