import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';

const draws = (seed: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

test('a seed decides every number', () => {
  expect(draws(5)).toEqual(draws(5));
  expect(draws(5)).not.toEqual(draws(6));
});

test('numbers are spread from 0 to below 1, and over all that may be picked', () => {
  const all = draws(1);
  expect(all.every((one) => one >= 0 && one < 1)).toBe(true);
  expect(all.reduce((sum, one) => sum + one, 0) / all.length).toBeCloseTo(0.5, 1);
  const random = seededRandom(2);
  expect(new Set(Array.from({ length: 100 }, () => random.between(1, 3)))).toEqual(new Set([1, 2, 3]));
  expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']));
});
