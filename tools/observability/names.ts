/** One name for an alert, its test, its runbook and its panel: whoever is woken finds the other three by it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DASHBOARDS } from '../../grafana/dashboards.ts';
import { dashboardOf } from '../../grafana/dashboard.ts';
import { panelsOf } from './checked.ts';

/** Names by where they are found. */
export type Places = Readonly<Record<string, readonly string[]>>;

/** One sentence for each name that is in one place and missing in another. */
export function missingNames(places: Places): string[] {
  const all = [...new Set(Object.values(places).flat())].toSorted();
  return all.flatMap((name) =>
    Object.entries(places)
      .filter(([, names]) => !names.includes(name))
      .map(([place]) => `${name} is not in ${place}`),
  );
}

const DEFINITIONS = 'charts/veche-observability/schema.defs.json';

/** What the checkout has, each by looking at the place itself. */
export function placesOf(root: string, alerts: readonly string[]): Places {
  const files = (folder: string, suffix: string): string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(suffix))
      .map((name) => name.slice(0, -suffix.length));
  return {
    'grafana/alerts.ts': alerts,
    'grafana/alerts': files('grafana/alerts', '.ts'),
    'grafana/tests': files('grafana/tests', '.test.yaml'),
    'docs/runbooks': files('docs/runbooks', '.md').filter((name) => name !== 'README'),
    // What the chart lets be left out.
    [DEFINITIONS]: (JSON.parse(readFileSync(join(root, DEFINITIONS), 'utf8')) as { readonly alert: { readonly enum: readonly string[] } }).alert.enum,
    'the dashboards': DASHBOARDS.map(dashboardOf)
      .flatMap(panelsOf)
      .flatMap(({ title }) => nameIn(title)),
  };
}

const nameIn = (title = ''): string[] => /\((Veche\w+)\)$/.exec(title)?.slice(1) ?? [];
