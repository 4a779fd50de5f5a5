import type { Schema } from '../../generate/charts/schema.ts';
import type { Values } from '../renders/merged.ts';
import { isMap } from '../renders/merged.ts';
import { isClosedMap, type Place, placesIn, type Step, valuesAt } from './places.ts';

/** A name that no value has. */
export const UNKNOWN = 'unknownValue';

/** The places where only known keys are allowed, as helm writes them: `/services/websocket`. */
export const closedMaps = (schema: Schema): readonly string[] => placesIn(schema).filter(isClosedMap).map(pointerOf);

/** An unknown value in every such place at once. */
export const withUnknowns = (schema: Schema): Values =>
  placesIn(schema)
    .filter(isClosedMap)
    .reduce<Values>((all, { path }) => mergedDeep(all, valuesAt(path, { [UNKNOWN]: 1 })) as Values, {});

const pointerOf = ({ path }: Place): string => path.map((step: Step) => `/${step}`).join('');

/** Unlike helm item by item: two places may be in the same item of a list. */
function mergedDeep(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) return [mergedDeep(under[0], over[0])];
  if (!isMap(under) || !isMap(over)) return over;
  const both = Object.entries(over).map(([key, value]) => [key, key in under ? mergedDeep(under[key], value) : value] as const);
  return { ...under, ...Object.fromEntries(both) };
}
