/** Whether a query can have an answer: a metric that does not exist is a panel that is empty for ever, and an alert that never fires. */
import { type Known, seriesOf, TARGET_LABELS } from './known.ts';
import { type Grouping, parseQuery, type Query, type Selector } from './promql.ts';

const OF_COUNTERS = ['rate', 'irate', 'increase'];

/** One sentence for each mistake. */
export function problemsOf(text: string, known: ReadonlyMap<string, Known>): string[] {
  let query: Query;
  try {
    query = parseQuery(text);
  } catch (error) {
    return [(error as Error).message];
  }
  return [...query.selectors.flatMap((selector) => wrongSelector(selector, known)), ...query.groupings.flatMap((grouping) => wrongGrouping(grouping, known))];
}

/** Labels that a legend names and no metric of the query has: `{{ pod }}`. */
export function wrongLegend(legend: string, text: string, known: ReadonlyMap<string, Known>): string[] {
  const metrics = parseQuery(text).selectors.map(({ metric }) => metric);
  const labels = [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
  return wrongGrouping({ labels, metrics }, known);
}

function wrongSelector({ metric, labels, within = '' }: Selector, known: ReadonlyMap<string, Known>): string[] {
  const series = seriesOf(metric, known);
  if (!series) return [`there is no metric ${metric}`];
  const strange = labels.filter((label) => !series.labels.includes(label) && !TARGET_LABELS.includes(label));
  const wrong = strange.map((label) => `${metric} has no label ${label}`);
  if (OF_COUNTERS.includes(within) && series.kind !== 'counter') wrong.push(`${metric} is a ${series.kind}: ${within}() of it means nothing`);
  return wrong;
}

function wrongGrouping({ labels, metrics }: Grouping, known: ReadonlyMap<string, Known>): string[] {
  const has = new Set([...TARGET_LABELS, ...metrics.flatMap((metric) => seriesOf(metric, known)?.labels ?? [])]);
  return labels.filter((label) => !has.has(label)).map((label) => `none of ${metrics.join(', ')} has a label ${label}`);
}
