import { expect, test } from 'vitest';
import { uuidV7 } from './uuid-v7.ts';

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

test('has the form of version 7 and the time of its making', () => {
  const id = uuidV7(4_000_000_000_000);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(id)).toBe(4_000_000_000_000);
});

test('rises strictly within one millisecond, past the counter, and when the clock steps back', () => {
  const now = 4_000_000_100_000;
  const ids = [...Array.from({ length: 10_000 }, () => uuidV7(now)), uuidV7(now - 60_000), uuidV7(now + 60_000)];
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
