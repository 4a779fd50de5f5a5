import { expect, test } from 'vitest';
import { advanced } from './reading.rules.ts';

test('a marker moves forward only', () => {
  expect(advanced({ last_seq: 9, seq: 4 }, 5)).toBe(5);
  expect(advanced({ last_seq: 9, seq: 4 }, 4)).toBeUndefined();
  expect(advanced({ last_seq: 9, seq: 4 }, 3)).toBeUndefined();
});

test('a position beyond the thread means its end', () => {
  expect(advanced({ last_seq: 9, seq: 4 }, 100)).toBe(9);
  expect(advanced({ last_seq: 9, seq: 9 }, 100)).toBeUndefined();
});
