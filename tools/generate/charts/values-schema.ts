import type { Value } from './annotations.ts';
import { ChartProblem, checkDescribed, closed, type Schema, typesOf } from './schema.ts';

/**
 * The schema of one map of values.
 * @throws ChartProblem naming the path of a value that is not described, or whose type nobody can know
 */
export function schemaOfValues(values: readonly Value[]): Schema {
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(values.map((value) => [value.name, schemaOfValue(value)])) };
}

function schemaOfValue(value: Value): Schema {
  const { path, description, schema: added = {} } = value;
  // A map with keys of its own is a group of values; they say what it is for.
  if (!description && value.children.length === 0) throw new ChartProblem(`${path} has no description: write "# -- …" above it`);
  // Beside $ref draft 7 looks at nothing; the description is for readers.
  if (added.$ref) return { ...(description && { description }), $ref: added.$ref };
  const own = isMap(value.default) ? mapSchema(value, added) : { ...leafSchema(value, added), ...added };
  const complete = closed(nullable({ ...(description && { description }), ...own }, value.default));
  checkDescribed(complete, path);
  return complete;
}

/** Entries of a map whose keys are free are described by the map, unless they say something themselves. */
function mapSchema({ children, path }: Value, added: Schema): Schema {
  const free = added.additionalProperties !== undefined && added.additionalProperties !== false;
  if (children.length === 0 && !free && !saysItems(added)) throw new ChartProblem(`${path} is an empty map: say with @schema what may be in it`);
  const described = free ? children.filter(({ description }) => description !== undefined) : children;
  const { properties, additionalProperties } = schemaOfValues(described);
  const all = { ...properties, ...added.properties };
  return { type: 'object', additionalProperties, ...added, ...(Object.keys(all).length > 0 && { properties: all }) };
}

const saysItems = (added: Schema): boolean => ['properties', 'patternProperties', 'anyOf', 'oneOf', 'allOf'].some((keyword) => keyword in added);

function leafSchema({ default: value, path }: Value, added: Schema): Schema {
  if (Array.isArray(value)) return { type: 'array', default: value, ...(!added.items && !saysItems(added) && { items: itemsOf(value, path) }) };
  if (value !== null) return { type: typeOf(value), default: value };
  if (!added.type && !added.enum && !saysItems(added)) throw new ChartProblem(`${path} is null: say its type with @schema`);
  return {};
}

function itemsOf(values: readonly unknown[], path: string): Schema {
  const types = [...new Set(values.map(typeOf))];
  if (types.length === 0) throw new ChartProblem(`${path} is an empty list: say with @schema what its items are`);
  if (types.includes('object') || types.includes('array')) throw new ChartProblem(`${path} is a list of maps or lists: say with @schema what its items are`);
  return { type: types.length === 1 ? types[0]! : types };
}

/** The default must pass its own schema. */
function nullable(schema: Schema, value: unknown): Schema {
  if (value !== null) return schema;
  const types = typesOf(schema);
  return {
    ...schema,
    ...(types.length > 0 && !types.includes('null') && { type: [...types, 'null'] }),
    ...(schema.enum && !schema.enum.includes(null) && { enum: [...schema.enum, null] }),
  };
}

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
