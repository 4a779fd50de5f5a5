/** The part of JSON Schema (draft 7) that values of a chart are described with. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

/** Something in a chart that its author has to change. */
export class ChartProblem extends Error {}

export const typesOf = ({ type }: Schema): readonly string[] => (type === undefined ? [] : typeof type === 'string' ? [type] : type);

/** The name in `#/$defs/<name>`. */
export const definitionOf = ({ $ref }: Schema): string | undefined => /^#\/\$defs\/([\w-]+)$/.exec($ref ?? '')?.[1];

/** What a schema says of its children, with the end of their path. */
export const childrenOf = (schema: Schema): readonly (readonly [string, Schema])[] => [
  ...Object.entries(schema.properties ?? {}).map(([name, child]) => [`.${name}`, child] as const),
  ...(typeof schema.additionalProperties === 'object' ? [['.*', schema.additionalProperties] as const] : []),
  ...(schema.items ? [['[]', schema.items] as const] : []),
];

/** Refuses properties that nobody has written down, at every depth. Alternatives (anyOf and the like) hold parts of a map and stay as they are. */
export function closed(schema: Schema): Schema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, closed), additionalProperties: additionalProperties ?? false }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: closed(additionalProperties) }),
    ...(items && { items: closed(items) }),
  };
}

/** @throws ChartProblem naming the path of a property that nobody has described */
export function checkDescribed(schema: Schema, path: string): void {
  for (const [end, child] of childrenOf(schema)) {
    const place = `${path}${end}`;
    if (end.startsWith('.') && end !== '.*' && !child.description && !saidElsewhere(child)) throw new ChartProblem(`${place} has no description`);
    checkDescribed(child, place);
  }
}

/** By its properties, or by the definition it refers to. */
const saidElsewhere = (schema: Schema): boolean => schema.properties !== undefined || schema.$ref !== undefined;

export const mapValues = <T, U>(map: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value, name)]));
