import type { Schema } from '../../generate/charts/schema.ts';
import type { Case, Values } from '../renders/cases.ts';
import { merged } from '../renders/merged.ts';
import type { Render } from '../renders/renderer.ts';
import { isLeaf, type Place, placesIn, textOf, valueAt, valuesAt } from './places.ts';
import { requiredOf, samplesOf } from './samples.ts';

/** A case that renders, with all of its values. */
export interface Base {
  readonly given: Case;
  /** Of the files alone, without the chart's defaults. */
  readonly own: Values;
  /** With the defaults. */
  readonly values: Values;
}

export type RenderText = (given: Case) => Promise<Pick<Render, 'error' | 'text'>>;

/** How many of the samples that change nothing are tried before the next base: a chart may refuse some, or read two alike. */
const SAMPLES = 3;

/** Values that change no render, whatever they are set to. */
export async function idleValues(schema: Schema, bases: readonly Base[], render: RenderText): Promise<readonly string[]> {
  const search = new Search(bases, render);
  const leaves = placesIn(schema).filter((place) => place.path.length > 0 && isLeaf(place));
  const own = leaves.filter((place) => !place.shared || bases.some(({ values }) => valueAt(values, place.path) !== undefined));
  const shared = Map.groupBy(
    leaves.filter((place) => place.shared && !own.includes(place)),
    ({ shared: name = '' }) => name,
  );
  const idle = await Promise.all([
    ...own.map(async (place) => ((await search.matters(place)) ? undefined : textOf(place))),
    // What one of them understands, the template that they share understands.
    ...[...shared].map(async ([name, places]) => ((await search.oneMatters(places)) ? undefined : `$defs.${name}`)),
  ]);
  return idle.filter((each) => each !== undefined).toSorted();
}

class Search {
  private readonly lately = new Map<string, Base>();

  constructor(
    private readonly bases: readonly Base[],
    private readonly render: RenderText,
  ) {}

  async oneMatters(places: readonly Place[]): Promise<boolean> {
    for (const place of places) if (await this.matters(place)) return true;
    return false;
  }

  async matters(place: Place): Promise<boolean> {
    for (const base of this.inOrder(place)) {
      if (!(await this.mattersIn(place, base))) continue;
      this.lately.set(parentOf(place), base);
      return true;
    }
    return false;
  }

  /** The base that served a neighbour, then those whose files speak of what is nearest. */
  private inOrder(place: Place): readonly Base[] {
    const neighbour = this.lately.get(parentOf(place));
    const depth = ({ own }: Base): number => place.path.findLastIndex((_, index) => valueAt(own, place.path.slice(0, index + 1)) !== undefined);
    const rest = this.bases.filter((base) => base !== neighbour).toSorted((a, b) => depth(b) - depth(a));
    return neighbour ? [neighbour, ...rest] : rest;
  }

  private async mattersIn(place: Place, base: Base): Promise<boolean> {
    const current = valueAt(base.values, place.path);
    const before = await this.textWith(base, hasItem(place, base) ? {} : itemBefore(place));
    if (before === undefined) return false;
    let equal = 0;
    for (const sample of samplesOf(place.schema, place.root, current)) {
      const after = await this.textWith(base, withSample(place, sample, base));
      if (after !== undefined && after !== before) return true;
      if (after === before && ++equal === SAMPLES) return false;
    }
    return false;
  }

  private async textWith({ given }: Base, values: Values): Promise<string | undefined> {
    const { error, text } = await this.render({ ...given, values: merged(given.values ?? {}, values) });
    return error === undefined ? text : undefined;
  }
}

/** True as well for what is in no list. */
const hasItem = ({ path }: Place, { values }: Base): boolean => !path.includes(0) || valueAt(values, path.slice(0, path.indexOf(0) + 1)) !== undefined;

const parentOf = ({ path }: Place): string => textOf({ path: path.slice(0, -1) });

/** A list is set as a whole: the item has what the schema requires beside the place, or what it has in the base. */
function withSample(place: Place, sample: unknown, { values }: Base): Values {
  const list = place.path.indexOf(0);
  if (list < 0) return valuesAt(place.path, sample);
  const path = place.path.slice(0, list);
  const item = valueAt(values, [...path, 0]) ?? valueAt(itemBefore(place), [...path, 0]);
  const change = valuesAt(place.path.slice(list + 1), sample);
  return valuesAt(path, [place.path.length === list + 1 ? sample : merged(item as Values, change)]);
}

function itemBefore(place: Place): Values {
  const path = place.path.slice(0, place.path.indexOf(0) + 1);
  const item = placesIn(place.root).find((each) => textOf(each) === textOf({ path }))?.schema;
  return item?.properties ? valuesAt(path, requiredOf(item, place.root)) : {};
}
