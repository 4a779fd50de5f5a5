/** Every query of an alert or a dashboard against the metrics that there are. */
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Alert, chosen, expressionOf } from '../../grafana/alert.ts';
import type { Known } from './known.ts';
import { problemsOf, wrongLegend } from './queries.ts';

type KnownMetrics = ReadonlyMap<string, Known>;

/** One sentence for each mistake, with the alert that has it. */
export function checkAlert(alert: Alert, known: KnownMetrics): string[] {
  const expression = expressionOf(alert);
  const wrong = [...problemsOf(expression, known), ...problemsOf(alert.measure(chosen), known)];
  const labels = [...alert.description.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
  // What the outermost aggregation drops is empty in the text that wakes somebody.
  const lost = labels
    .filter((label) => !new RegExp(`by \\([^)]*\\b${label}\\b`).test(expression))
    .map((label) => `its description names ${label}, which the expression drops`);
  return [...wrong, ...lost].map((problem) => `${alert.name}: ${problem}`);
}

/** A query of a panel, and what its lines are called. */
export interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

/** The panels of a dashboard that are no rows. */
export const panelsOf = (dashboard: Dashboard): readonly Panel[] => (dashboard.panels ?? []).filter((panel): panel is Panel => panel.type !== 'row');

const targetsOf = (panel: Panel): readonly Target[] => (panel.targets ?? []) as readonly unknown[] as readonly Target[];

/** Every query of a dashboard. */
export const queriesOf = (dashboard: Dashboard): readonly Target[] => panelsOf(dashboard).flatMap(targetsOf);

/** One sentence for each mistake, with the panel that has it. */
export function checkDashboard(dashboard: Dashboard, known: KnownMetrics): string[] {
  return panelsOf(dashboard).flatMap((panel) => checkPanel(panel, known).map((problem) => `${dashboard.uid}, ${panel.title}: ${problem}`));
}

function checkPanel(panel: Panel, known: KnownMetrics): string[] {
  const targets = targetsOf(panel);
  const bare = [
    ...(panel.description ? [] : ['it has no description']),
    ...(panel.fieldConfig?.defaults.unit ? [] : ['it has no unit']),
    ...(panel.datasource?.uid === '${datasource}' ? [] : ['it does not use the variable datasource']),
    ...(targets.length > 0 ? [] : ['it has no query']),
  ];
  return [...bare, ...targets.flatMap(({ expr, legendFormat }) => [...problemsOf(expr, known), ...wrongLegend(legendFormat, expr, known)])];
}
