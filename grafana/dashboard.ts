/** What every dashboard has: which Prometheus, which namespace, and ids that two runs agree on. */
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type Built, PROMETHEUS } from './panels.ts';

export interface Page {
  /** Also the name of the file and of the address in Grafana. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Variables beside the namespace, by the query that lists their values. */
  readonly variables: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly [title: string, panels: readonly Built[]])[];
}

const variable = (name: string, values: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name).query(values).datasource(PROMETHEUS).refresh(VariableRefresh.OnTimeRangeChanged).multi(true).includeAll(true).allValue('.*');

/** The model that Grafana loads. */
export function dashboardOf({ uid, title, description, variables, rows }: Page): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['veche'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(variable('namespace', 'label_values(veche_build_info, namespace)'));
  for (const [name, values] of Object.entries(variables)) builder.withVariable(variable(name, values));
  for (const [name, panels] of rows) {
    builder.withRow(new RowBuilder(name));
    for (const panel of panels) builder.withPanel(panel);
  }
  const built = builder.build();
  // Counted, not drawn: Grafana would give them ids of its own at each import.
  built.panels?.forEach((panel, index) => (panel.id = index + 1));
  return built;
}
