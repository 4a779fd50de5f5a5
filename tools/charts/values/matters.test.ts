import { expect, test } from 'vitest';
import { schemaOfValues } from '../../generate/charts/values-schema.ts';
import { readValues } from '../../generate/charts/annotations.ts';
import type { Schema } from '../../generate/charts/schema.ts';
import type { Case } from '../renders/cases.ts';
import type { Values } from '../renders/merged.ts';
import { merged } from '../renders/merged.ts';
import { type Base, idleValues } from './matters.ts';
import { closedMaps, withUnknowns } from './unknown.ts';

const YAML = `
# -- Used.
used: 1
# -- Not used.
idle: 1
# -- Whether.
on: false
# -- Used when on.
# @schema {"enum": ["a", "b"]}
mode: a
# -- Free.
# @schema {"additionalProperties": {"type": "string"}}
labels: {}
# -- A list.
# @schema {"items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "description": "N."}, "idle": {"type": "string", "description": "I."}}}}
list: []
one:
  # -- First.
  # @schema {"$ref": "#/$defs/part"}
  first: {}
  # -- Second.
  # @schema {"$ref": "#/$defs/part"}
  second: {}
`;
const PART: Schema = { type: 'object', additionalProperties: false, properties: { seen: { type: 'string' }, unseen: { type: 'boolean' } } };
const schema: Schema = { ...schemaOfValues(readValues(YAML)), $defs: { part: PART } };

interface Some {
  used: number;
  on: boolean;
  mode: string;
  labels: object;
  list: { name: string }[];
  one: { second: { seen?: string } };
}
const DEFAULTS: Values = { used: 1, idle: 1, on: false, mode: 'a', labels: {}, list: [], one: { first: {}, second: {} } };

const baseOf = (own: Values): Base => ({ own, values: merged(DEFAULTS, own), given: { chart: 'c', name: 'n', files: [], values: own } });

/** As a chart would: looks at some of its values, refuses a few. */
function render({ values = {} }: Case): Promise<{ text: string; error?: string }> {
  const { used, on, mode, labels, list, one } = merged(DEFAULTS, values) as unknown as Some;
  if (used === 2) return Promise.resolve({ text: '', error: 'not 2' });
  return Promise.resolve({ text: JSON.stringify([used, on && mode, on, labels, list.map(({ name }) => name), one.second.seen]) });
}

test('what changes no render on any base is found; a refusal is no change', async () => {
  expect(await idleValues(schema, [baseOf({}), baseOf({ on: true })], render)).toEqual(['$defs.part.unseen', 'idle', 'list[].idle']);
});

test('a definition is understood when one of those that share it is, be it set in the values or not', async () => {
  expect(await idleValues(schema, [baseOf({ one: { second: { seen: 'set' } } })], render)).not.toContain('$defs.part.seen');
});

test('what matters only beside another value needs a base that has it', async () => {
  expect(await idleValues(schema, [baseOf({})], render)).toContain('mode');
});

test('unknown values are put into every map that is closed', () => {
  expect(closedMaps(schema)).toEqual(['', '/list/0', '/one', '/one/first', '/one/second']);
  expect(withUnknowns(schema)).toEqual({
    unknownValue: 1,
    list: [{ unknownValue: 1 }],
    one: { unknownValue: 1, first: { unknownValue: 1 }, second: { unknownValue: 1 } },
  });
});
