import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { slotOf } from './slot.ts';

test('the slot is the first byte of SHA-256 of the name, remembered or not', () => {
  for (let i = 0; i < 10_000; i++) {
    const name = `thread:${i % 5000}`;
    expect(slotOf(name)).toBe(createHash('sha256').update(name, 'utf8').digest()[0]);
  }
});

test('stored rows are found for ever: these slots never change', () => {
  expect([slotOf('thread:1'), slotOf('user:alice'), slotOf('news')]).toEqual([0xa9, 0xda, 0x19]);
});
