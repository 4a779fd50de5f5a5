import { expect, test } from 'vitest';
import { matchesGlob } from './glob.rules.ts';

test.each([
  ['news:*', 'news:a', true],
  ['news:*', 'news:', true],
  ['*:a', 'news:a', true],
  ['n?ws:a', 'news:a', true],
  ['n?ws', 'nws', false],
  ['*', '', true],
  ['a*b*c', 'a1b2b3c', true],
  ['a*b*c', 'a1c2b', false],
  ['news.a', 'news:a', false],
  ['', 'a', false],
])('%j and %j: %s', (pattern, name, expected) => {
  expect(matchesGlob(pattern, name)).toBe(expected);
});

test('a hostile pattern takes no longer than pattern times name', () => {
  const before = performance.now();
  expect(matchesGlob(`${'*a'.repeat(5_000)}b`, 'a'.repeat(128))).toBe(false);
  expect(performance.now() - before).toBeLessThan(500);
});
