import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mentionsIn } from './mentions.rules.ts';

const logins = (text: string, max = 50): unknown => mentionsIn(text, max).logins.map(([longest]) => longest);

test.each([
  ['hello @anna', ['anna']],
  ['@Anna, @BORIS!', ['anna', 'boris']],
  ['(@anna)', ['anna']],
  ['@anna and @anna again', ['anna']],
  ['mail to bob@example.org', []],
  ['a@b@c', []],
  ['@', []],
  ['@ anna', []],
  ['@...', []],
  ['no name at all', []],
  ['привет,@anna', ['anna']],
  ['привет@anna', []],
  ['@anna’s', ['anna']],
  ['@первый', []],
  [`@${'a'.repeat(65)}`, []],
  [`@${'a.'.repeat(50)}`, []],
])('%j mentions %j', (text, expected) => {
  expect(logins(text)).toEqual(expected);
});

test('a sign at the end may belong to the name or to the sentence: the longer name is tried first', () => {
  expect(mentionsIn('ask @anna.', 50).logins).toEqual([['anna.', 'anna']]);
  expect(mentionsIn('ask @a.b...', 50).logins).toEqual([['a.b...', 'a.b..', 'a.b.', 'a.b']]);
});

test('a user id is a mention too, with the signs that only ids have', () => {
  expect(mentionsIn('see @ext|42/a: now', 50).ids).toEqual([['ext|42/a:', 'ext|42/a']]);
});

test('only as many different names count as are allowed', () => {
  expect(logins('@a @b @a @c @d', 3)).toEqual(['a', 'b', 'c']);
  expect(logins('@a', 0)).toEqual([]);
});

const login = fc.stringMatching(/^[a-z0-9]([a-z0-9_.+-]{0,20}[a-z0-9])?$/);

test('whoever is written as a word of their own is found, in the order written', () => {
  fc.assert(
    fc.property(fc.uniqueArray(login, { minLength: 1, maxLength: 20 }), fc.constantFrom(' ', ', ', '\n', '! ', '; ('), (names, between) => {
      const text = names.map((name) => `@${name}`).join(between);
      expect(logins(text)).toEqual(names);
    }),
  );
});

test('any text is taken apart, and quickly', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => void mentionsIn(text, 50)));
  const began = performance.now();
  for (const hostile of ['@'.repeat(65_536), '@a'.repeat(32_768), `@${'.'.repeat(65_000)}`, '@a.'.repeat(20_000)]) mentionsIn(hostile, 50);
  expect(performance.now() - began).toBeLessThan(1000);
});
