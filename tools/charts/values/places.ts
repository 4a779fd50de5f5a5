import { definitionOf, type Schema } from '../../generate/charts/schema.ts';
import type { Values } from '../renders/merged.ts';

/** A step into a map by its key, or into a list that has one item. */
export type Step = string | 0;

/** A place in the values that its schema allows. */
export interface Place {
  readonly path: readonly Step[];
  readonly schema: Schema;
  /** Through a definition that several values share: the same for all of them. */
  readonly shared?: string;
  /** Beside it in the same item of a list, what is required there. */
  readonly root: Schema;
}

export const textOf = ({ path }: Pick<Place, 'path'>): string => path.join('.').replaceAll('.0', '[]');

/** Everything in a schema, maps and lists included, with definitions followed. */
export function placesIn(root: Schema): readonly Place[] {
  const visit = (schema: Schema, path: readonly Step[], shared: string | undefined): readonly Place[] => {
    const name = definitionOf(schema);
    // The settings of the product are many and of one kind: one of them stands for all.
    if (name === 'settings') return [{ path, schema, shared, root }];
    if (name) return visit(definition(root, name), path, name);
    return [{ path, schema, shared, root }, ...steps(schema).flatMap(([step, child]) => visit(child, [...path, step], shared && `${shared}.${step}`))];
  };
  return visit(root, [], undefined);
}

export const definition = (root: Schema, name: string): Schema => (root['$defs'] as Record<string, Schema>)[name]!;

const steps = ({ properties = {}, items }: Schema): readonly (readonly [Step, Schema])[] => [
  ...Object.entries(properties),
  ...(items ? [[0, items] as const] : []),
];

/** Below them there is nothing that could be set by itself. */
export const isLeaf = ({ schema }: Place): boolean => schema.properties === undefined;

export const isClosedMap = ({ schema }: Place): boolean => schema.additionalProperties === false && schema.properties !== undefined;

/** The values that have only this at the place. */
export function valuesAt(path: readonly Step[], value: unknown): Values {
  return path.reduceRight<unknown>((inner, step) => (step === 0 ? [inner] : { [step]: inner }), value) as Values;
}

export function valueAt(values: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? (inner as Record<Step, unknown>)[step] : undefined), values);
}
