import { expect, test } from 'vitest';
import { fill, table } from './tables.ts';

test('a pipe or a line break in a cell does not end it', () => {
  expect(table(['a'], [['x | y\n  z']])).toBe('| a |\n| --- |\n| x \\| y z |');
});

test('a text is put between its markers, again and again with the same result', () => {
  const once = fill('before\n<!-- generated:a -->\n<!-- /generated:a -->\nafter', { a: 'costs $1 & $&' });
  expect(once).toContain('costs $1 & $&');
  expect(once.startsWith('before\n')).toBe(true);
  expect(once.endsWith('\nafter')).toBe(true);
  expect(fill(once, { a: 'costs $1 & $&' })).toBe(once);
});

test('a page without the marker is an error, not a lost table', () => {
  expect(() => fill('page', { a: 'text' })).toThrow('generated:a');
});
