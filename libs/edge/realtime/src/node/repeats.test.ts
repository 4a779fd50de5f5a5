import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { Repeats } from './repeats.ts';

it('gives back what was kept, and calls a number late once it can no longer tell', () => {
  const repeats = new Repeats<string>();
  expect(repeats.find('a', 7)).toBe('new');
  repeats.keep('a', 7, 'done');
  expect([repeats.find('a', 7), repeats.find('b', 7)]).toEqual(['done', 'new']);
  repeats.turn();
  expect([repeats.find('a', 7), repeats.find('a', 5)]).toEqual(['done', 'new']);
  repeats.turn();
  expect([repeats.find('a', 7), repeats.find('a', 5), repeats.find('a', 8)]).toEqual(['late', 'late', 'new']);
});

it('never lets a call be carried out twice, whatever is repeated, swapped or held back', () => {
  const step = oneof(
    record({ sender: constantFrom('a', 'b'), call: integer({ min: 1, max: 12 }) }),
    record({ sender: constantFrom('a', 'b'), call: integer({ min: 1, max: 12 }) }),
    constantFrom('turn' as const),
  );
  assert(
    property(array(step, { maxLength: 120 }), (steps) => {
      const repeats = new Repeats<true>();
      const carriedOut = new Set<string>();
      for (const one of steps) {
        if (one === 'turn') repeats.turn();
        else if (repeats.find(one.sender, one.call) === 'new') {
          const key = `${one.sender} ${one.call}`;
          expect(carriedOut.has(key)).toBe(false);
          carriedOut.add(key);
          repeats.keep(one.sender, one.call, true);
        }
      }
    }),
  );
});

it('forgets what it kept', () => {
  const repeats = new Repeats<string>();
  for (let call = 1; call <= 1_000; call++) repeats.keep('a', call, 'done');
  expect(repeats.size).toBe(1_000);
  repeats.turn();
  repeats.turn();
  expect(repeats.size).toBe(0);
});
