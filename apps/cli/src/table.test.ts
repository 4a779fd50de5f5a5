import { expect, it } from 'vitest';
import { short, visible } from './table.ts';

it('shows nothing that moves the cursor or retitles the terminal of who reads it', () => {
  const hostile = '\u001b]0;owned\u0007\u009b2J\rroot\u0008 done';
  const isSafe = (char: string): boolean => (char >= ' ' && char < '\u007f') || char > '\u009f';
  for (const shown of [short(hostile, 200), visible(hostile)]) expect(shown.split('').every(isSafe)).toBe(true);
  expect(visible('a\nb')).toBe('a\nb');
});

it('keeps to its length', () => {
  expect(short('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
});
