import type { Schema } from '../../generate/charts/schema.ts';
import type { Case } from '../renders/cases.ts';
import type { Values } from '../renders/merged.ts';
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
  const groups = groupsIn(schema, bases);
  const idle: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = groups.shift(); next; next = groups.shift()) if (!(await search.oneMatters(next.places))) idle.push(next.name);
  };
  // Two at a time, as many as are rendered at once: from those before them the others learn which base is worth trying.
  await Promise.all([work(), work()]);
  return idle.toSorted();
}

/** What the values have, place by place; and what a definition has once for all that share it: what one understands, their template does. */
function groupsIn(schema: Schema, bases: readonly Base[]): { name: string; places: readonly Place[] }[] {
  const leaves = placesIn(schema).filter((place) => place.path.length > 0 && isLeaf(place));
  const isOwn = (place: Place): boolean => !place.shared || bases.some(({ values }) => valueAt(values, place.path) !== undefined);
  const own = leaves.filter(isOwn).map((place) => ({ name: textOf(place), places: [place] }));
  const shared = Map.groupBy(
    leaves.filter(({ shared: name }) => name !== undefined),
    (place) => `$defs.${place.shared}`,
  );
  return [...own, ...[...shared].map(([name, places]) => ({ name, places }))];
}

interface Try {
  readonly place: Place;
  readonly base: Base;
}

class Search {
  /** What was worth trying, by the map that the place is in. */
  private readonly lately = new Map<string, Try>();
  private readonly bases: readonly Base[];
  private readonly render: RenderText;

  constructor(bases: readonly Base[], render: RenderText) {
    this.bases = bases;
    this.render = render;
  }

  async oneMatters(places: readonly Place[]): Promise<boolean> {
    for (const attempt of this.inOrder(places)) {
      if (!(await this.mattersIn(attempt.place, attempt.base))) continue;
      this.lately.set(sharedParent(attempt.place), attempt);
      return true;
    }
    return false;
  }

  /** What served a neighbour, then the bases whose files speak of what is nearest. */
  private inOrder(places: readonly Place[]): readonly Try[] {
    const tries = places.flatMap((place) => this.bases.map((base) => ({ place, base, rank: this.rankOf({ place, base }) })));
    return tries.toSorted((a, b) => b.rank - a.rank);
  }

  private rankOf({ place, base }: Try): number {
    const neighbour = this.lately.get(sharedParent(place));
    const served = neighbour?.base === base && parentOf(neighbour.place) === parentOf(place);
    return served ? Infinity : place.path.findLastIndex((_, index) => valueAt(base.own, place.path.slice(0, index + 1)) !== undefined);
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
const sharedParent = (place: Place): string => place.shared?.replace(/\.[^.]+$/, '') ?? parentOf(place);

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
