import { expect, test } from 'vitest';
import { readValues } from './annotations.ts';
import type { Schema } from './schema.ts';
import { schemaOfValues } from './values-schema.ts';

const schemaOf = (yaml: string): Schema => schemaOfValues(readValues(yaml));
const property = (yaml: string): Schema | undefined => Object.values(schemaOf(yaml).properties ?? {})[0];

test.each([
  ['a: text', { type: 'string', default: 'text' }],
  ['a: 1', { type: 'integer', default: 1 }],
  ['a: 0.5', { type: 'number', default: 0.5 }],
  ['a: false', { type: 'boolean', default: false }],
  ['a: [x, y]', { type: 'array', default: ['x', 'y'], items: { type: 'string' } }],
])('the type of "%s" is that of the default', (line, expected) => {
  expect(property(`# -- What.\n${line}`)).toEqual({ description: 'What.', ...expected });
});

test('what is annotated goes over the type of the default', () => {
  expect(property('# -- What.\n# @schema {"type": ["integer", "string"], "minimum": 1}\na: 1')).toMatchObject({
    type: ['integer', 'string'],
    minimum: 1,
    default: 1,
  });
});

test('maps refuse keys that nobody wrote down, also inside annotations', () => {
  expect(schemaOf('# -- A.\na: 1')).toMatchObject({ type: 'object', additionalProperties: false });
  expect(property('a:\n  # -- B.\n  b: 1')).toMatchObject({ type: 'object', additionalProperties: false, properties: { b: { type: 'integer' } } });
  const list = property('# -- A.\n# @schema {"items": {"type": "object", "properties": {"b": {"type": "string", "description": "B."}}}}\na: []');
  expect(list?.items).toMatchObject({ additionalProperties: false });
});

test('a free map says what its entries are, and one with defaults keeps their descriptions', () => {
  const free = property('# -- Labels.\n# @schema {"additionalProperties": {"type": "string"}}\na:\n  bare: x\n  # -- Told.\n  told: y\n');
  expect(free).toMatchObject({ additionalProperties: { type: 'string' }, properties: { told: { description: 'Told.' } } });
  expect(Object.keys(free?.properties ?? {})).toEqual(['told']);
});

test('beside a reference nothing is said: draft 7 would not look at it', () => {
  expect(property('# -- One.\n# @schema {"$ref": "#/$defs/service"}\na:\n  port: 1\n')).toEqual({ description: 'One.', $ref: '#/$defs/service' });
});

test('a default of null passes its own schema', () => {
  expect(property('# -- A.\n# @schema {"type": "integer"}\na: null')).toEqual({ description: 'A.', type: ['integer', 'null'] });
  expect(property('# -- A.\n# @schema {"enum": ["x"]}\na: null')).toEqual({ description: 'A.', enum: ['x', null] });
});

test.each([
  ['a:\n  b: 1', /^a\.b has no description/],
  ['# -- A.\na: {}', /^a is an empty map/],
  ['# -- A.\na: []', /^a is an empty list/],
  ['# -- A.\na: [{}]', /^a is a list of maps/],
  ['# -- A.\na: null', /^a is null/],
  ['# -- A.\na:', /^a is null/],
  ['# -- A.\n# @schema {"properties": {"b": {"type": "string"}}}\na: {}', /^a\.b has no description/],
])('%j is refused by its path', (yaml, sentence) => {
  expect(() => schemaOf(yaml)).toThrow(sentence);
});
