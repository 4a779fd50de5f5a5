/** What `npm run generate` writes of rules and dashboards: for people, and for the charts, which can read nothing outside their folders. */
import { ALERTS } from '../../grafana/alerts.ts';
import { dashboardOf } from '../../grafana/dashboard.ts';
import { DASHBOARDS } from '../../grafana/dashboards.ts';
import { checkAlert, checkDashboard } from './checked.ts';
import { knownMetrics } from './known.ts';
import { rulesFile } from './rules.ts';

/** One has them in full; the other for those who install nothing but the product. */
const CHARTS = ['charts/veche-observability/files', 'charts/veche/files'];

/**
 * @param metrics docs/metrics.md
 * @returns texts by path, from the root
 * @throws Error that lists every query that cannot have an answer
 */
export function observabilityFiles(metrics: string): Record<string, string> {
  const known = knownMetrics(metrics);
  const built = DASHBOARDS.map(dashboardOf);
  const problems = [...ALERTS.flatMap((alert) => checkAlert(alert, known)), ...built.flatMap((dashboard) => checkDashboard(dashboard, known))];
  if (problems.length > 0) throw new Error(`rules and dashboards ask for what is not there:\n${problems.join('\n')}`);
  const rules = rulesFile(ALERTS);
  const dashboards = built.flatMap((dashboard) => {
    const text = `${JSON.stringify(dashboard, null, 2)}\n`;
    return ['grafana', ...CHARTS].map((folder): [string, string] => [`${folder}/dashboards/${dashboard.uid}.json`, text]);
  });
  return { 'grafana/rules/veche.rules.yaml': rules, ...Object.fromEntries([...CHARTS.map((chart) => [`${chart}/rules.yaml`, rules]), ...dashboards]) };
}
