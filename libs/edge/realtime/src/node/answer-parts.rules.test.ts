import { assert, integer, nat, property, shuffledSubarray, string } from 'fast-check';
import { expect, it } from 'vitest';
import { Assembly, partsOf } from './answer-parts.rules.ts';

const longText = string({ unit: 'binary', minLength: 0, maxLength: 20 }).chain((seed) => integer({ min: 1, max: 6_000 }).map((times) => seed.repeat(times)));

it('takes any text apart without tearing a character, and puts it together in whatever order the parts come', () => {
  assert(
    property(longText, nat(), (text, salt) => {
      const parts = partsOf(text);
      expect(parts.join('')).toBe(text);
      for (const part of parts) expect(Buffer.from(part).toString('utf8')).toBe(Buffer.from(part.toWellFormed()).toString('utf8'));
      const order = parts.map((_, at) => at).toSorted((a, b) => ((a * 31 + salt) % 7) - ((b * 31 + salt) % 7));
      const assembly = new Assembly();
      const whole = order.map((at) => assembly.add({ attempt: 1, part: at, parts: parts.length, text: parts[at]! }));
      expect(whole.slice(0, -1).every((one) => one === undefined)).toBe(true);
      expect(whole.at(-1)).toBe(text);
    }),
    { numRuns: 50 },
  );
});

it('never mixes parts of two attempts', () => {
  assert(
    property(shuffledSubarray([0, 1, 2]), shuffledSubarray([0, 1, 2]), (first, second) => {
      const assembly = new Assembly();
      const results = [
        ...first.map((part) => assembly.add({ attempt: 1, part, parts: 3, text: 'old' })),
        ...second.map((part) => assembly.add({ attempt: 2, part, parts: 3, text: 'new' })),
      ].filter((one) => one !== undefined);
      for (const one of results) expect(['oldoldold', 'newnewnew']).toContain(one);
      expect(results.length).toBe((first.length === 3 ? 1 : 0) + (second.length === 3 ? 1 : 0));
    }),
  );
});

it('ignores a part that cannot be one', () => {
  const assembly = new Assembly();
  expect(assembly.add({ attempt: 1, part: 5, parts: 2, text: 'x' })).toBeUndefined();
  assembly.add({ attempt: 1, part: 0, parts: 2, text: 'a' });
  expect(assembly.add({ attempt: 1, part: 1, parts: 3, text: 'x' })).toBeUndefined();
  expect(assembly.add({ attempt: 1, part: 1, parts: 2, text: 'b' })).toBe('ab');
});
