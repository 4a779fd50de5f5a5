import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { queueOf, slotOf } from './slot.ts';

it('is the first byte of SHA-256 of the UTF-8 name, first time and remembered', () => {
  for (const name of ['thread:1', 'user:жанна', 'news']) {
    const expected = createHash('sha256').update(name, 'utf8').digest()[0];
    expect([slotOf(name), slotOf(name)]).toEqual([expected, expected]);
  }
});

it('never changes: rows are stored by it', () => {
  expect(['thread:a', 'user:b', 'news:c'].map(slotOf)).toMatchInlineSnapshot(`
    [
      141,
      46,
      196,
    ]
  `);
});

it('folds all slots onto the queues', () => {
  const queues = new Set(Array.from({ length: 500 }, (_, index) => queueOf(`thread:${index}`, 8)));
  expect([...queues].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
