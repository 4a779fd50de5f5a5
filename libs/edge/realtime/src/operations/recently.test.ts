import { expect, test } from 'vitest';
import { Recently } from './recently.ts';

test('is true once an interval for each key', () => {
  let now = 0;
  const recently = new Recently(3_000, () => now);
  expect([recently.first('a'), recently.first('b'), recently.first('a')]).toEqual([true, true, false]);
  now = 2_999;
  expect(recently.first('a')).toBe(false);
  now = 3_000;
  expect(recently.first('a')).toBe(true);
});

test('forgets keys whose interval has passed', () => {
  let now = 0;
  const recently = new Recently(1_000, () => now);
  for (let n = 0; n < 100; n++) recently.first(`key ${n}`);
  now = 1_000;
  recently.first('fresh');
  expect(recently.size).toBe(1);
});
