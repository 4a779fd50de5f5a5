import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementsOf, membersOf } from './raw-json.rules.ts';

test('members keep their text, names are read as JSON reads them', () => {
  expect([...membersOf(String.raw` { "a" : 1.0 , "\u0062":"x,y}\"", "c":[1,{"d":2}] } `)]).toEqual([
    ['a', '1.0'],
    ['b', '"x,y}\\""'],
    ['c', '[1,{"d":2}]'],
  ]);
  expect([...membersOf('{}')]).toEqual([]);
});

test('of a name given twice the last counts, as for JSON.parse', () => {
  expect(membersOf('{"a":1,"a":2}').get('a')).toBe('2');
});

test('parts of any object and array parse to what the whole parses to', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), fc.nat(3), (object, list, indent) => {
      const parsed = [...membersOf(JSON.stringify(object, null, indent))].map(([name, text]) => [name, JSON.parse(text) as unknown]);
      expect(parsed).toEqual(Object.entries(JSON.parse(JSON.stringify(object)) as object));
      expect(elementsOf(JSON.stringify(list, null, indent)).map((text) => JSON.parse(text) as unknown)).toEqual(JSON.parse(JSON.stringify(list)));
    }),
  );
});
