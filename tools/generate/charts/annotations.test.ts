import { expect, test } from 'vitest';
import { readValues } from './annotations.ts';

test('a description ends at @schema, and begins at the last dashes', () => {
  const [value] = readValues(
    ['# A heading of a chapter.', '# -- Somebody else.', '# -- Two', '# lines.', '# @schema {"minimum": 1,', '#   "maximum": 3}', 'size: 2'].join('\n'),
  );
  expect(value).toEqual({ name: 'size', path: 'size', description: 'Two lines.', schema: { minimum: 1, maximum: 3 }, default: 2, children: [] });
});

test('a comment belongs to the key below it, the first of a map included, and to no key inside braces', () => {
  const [outer, braced] = readValues('# -- Outer.\nouter:\n  # -- Inner.\n  inner: 1\n# -- Braced.\nbraced: { key: 1 }\n');
  expect([outer?.description, outer?.children[0]?.description, outer?.children[0]?.path]).toEqual(['Outer.', 'Inner.', 'outer.inner']);
  expect([braced?.description, braced?.children[0]?.description]).toEqual(['Braced.', undefined]);
});

test('an empty line between comment and key parts them', () => {
  expect(readValues('# -- Of nothing.\n\nkey: 1\n')[0]?.description).toBeUndefined();
});

test.each([
  ['# -- A.\n# @schema {"type"}\na: 1', /^a: what follows @schema is not JSON/],
  ['a: &x 1\nb: *x', /^b: an alias/],
  ['a: [', /Flow sequence/],
])('%j is refused', (text, sentence) => {
  expect(() => readValues(text)).toThrow(sentence);
});
