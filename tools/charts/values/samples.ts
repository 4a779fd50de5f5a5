import { definitionOf, type Schema, typesOf } from '../../generate/charts/schema.ts';
import { isMap } from '../renders/merged.ts';
import { definition } from './places.ts';

/** Of what a text may have to be; the schema's pattern decides. */
const TEXTS = [
  'changed',
  'changed.example',
  '7',
  '77Mi',
  '7s',
  'https://changed.example:7',
  '1 2 * * *',
  '0 1 2 * * *',
  '/changed',
  '25%',
  'a'.repeat(40),
  `sha256:${'7'.repeat(64)}`,
];
/** What objects of Kubernetes have, where a map is free. */
const PARTS = [{ changed: 'changed' }, { metadata: { annotations: { changed: 'changed' } } }, { spec: { changed: 'changed' } }];

/** Values that the schema allows and that are not the current one, the likeliest to be of use first. */
export function samplesOf(schema: Schema, root: Schema, current: unknown): readonly unknown[] {
  const now = JSON.stringify(current);
  return every(schema, root, current).filter((each, index, all) => {
    const text = JSON.stringify(each);
    return text !== now && all.findIndex((other) => JSON.stringify(other) === text) === index;
  });
}

function every(schema: Schema, root: Schema, current: unknown): readonly unknown[] {
  const name = definitionOf(schema);
  if (name) return name === 'settings' ? settings(definition(root, name)) : every(definition(root, name), root, current);
  if (schema.enum) return schema.enum;
  const alternatives = (schema['oneOf'] ?? schema['anyOf'] ?? []) as readonly Schema[];
  const types = typesOf(schema);
  const kinds = types.length > 0 ? types : alternatives.length > 0 ? [] : ['object', 'string'];
  return [
    ...kinds.flatMap((type) => ofType(type, schema, root, current)),
    ...alternatives.flatMap((each) => every({ ...schema, oneOf: [], anyOf: [], ...each }, root, current)),
  ];
}

function ofType(type: string, schema: Schema, root: Schema, current: unknown): readonly unknown[] {
  if (type === 'boolean') return [true, false];
  if (type === 'integer' || type === 'number') return numbers(schema, current);
  if (type === 'string') return texts(schema, current);
  if (type === 'array') return lists(schema, root);
  return type === 'object' ? maps(schema, root) : [];
}

function numbers(schema: Schema, current: unknown): readonly number[] {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = schema as Readonly<Record<string, number>>;
  const now = typeof current === 'number' ? current : 1;
  const [low, high] = [Math.max(minimum, exclusiveMinimum), maximum];
  const near = [now + 1, now - 1, now * 2, now / 2, now * 10, low + 1, high - 1, (low + high) / 2, minimum, maximum];
  const whole = schema.type === 'number' ? near : near.filter(Number.isInteger);
  return whole.filter((each) => Number.isFinite(each) && each >= minimum && each <= maximum && each > exclusiveMinimum);
}

function texts(schema: Schema, current: unknown): readonly string[] {
  const { pattern, minLength = 0, maxLength = Infinity } = schema as { pattern?: string; minLength?: number; maxLength?: number };
  // "512Mi" becomes "513Mi": whoever reads it understands it still.
  const near = typeof current === 'string' ? [current.replace(/\d+/, (digits) => String(Number(digits) + 1)), `${current}-changed`] : [];
  return [...near, ...TEXTS].filter(
    (each) => each.length >= minLength && each.length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(each)),
  );
}

function lists({ items = {}, ...schema }: Schema, root: Schema): readonly unknown[] {
  const samples = samplesOf(items, root, undefined).slice(0, 4);
  const fewest = Math.max(1, (schema['minItems'] as number | undefined) ?? 1);
  return samples.map((each) => new Array<unknown>(fewest).fill(each));
}

function maps(schema: Schema, root: Schema): readonly unknown[] {
  const { properties = {}, additionalProperties } = schema;
  const names = Object.keys(properties);
  if (names.length > 0) return [requiredOf(schema, root), mapOf(names, properties, root)];
  if (typeof additionalProperties === 'object')
    return samplesOf(additionalProperties, root, undefined)
      .slice(0, 4)
      .map((each) => ({ changed: each }));
  return additionalProperties === false ? [] : PARTS;
}

/** The least that passes. */
export function requiredOf(schema: Schema, root: Schema): Readonly<Record<string, unknown>> {
  const names = (schema['required'] as readonly string[] | undefined) ?? [];
  return mapOf(names.length > 0 ? names : Object.keys(schema.properties ?? {}).slice(0, 1), schema.properties ?? {}, root);
}

const mapOf = (names: readonly string[], properties: Readonly<Record<string, Schema>>, root: Schema): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    names.flatMap((name) =>
      samplesOf(properties[name] ?? {}, root, undefined)
        .slice(0, 1)
        .map((each) => [name, each] as const),
    ),
  );

/** Charts compute some settings and refuse those: three of them, far apart. */
function settings({ properties = {} }: Schema): readonly unknown[] {
  const names = Object.keys(properties);
  return [0.1, 0.5, 0.9].map((share) => ({ [names[Math.floor(names.length * share)] ?? '']: 7 })).filter(isMap);
}
