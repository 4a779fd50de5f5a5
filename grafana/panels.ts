/** How panels look: one place, so that dashboards say only what they show. */
import {
  type DataSourceRef,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { type Panel, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Alert, chosen, type Unit } from './alert.ts';

/** Whichever Prometheus is chosen above the dashboard. */
export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export interface Line {
  readonly expr: string;
  /** May name labels: {{pod}}. */
  readonly legend: string;
}

export interface Graph {
  readonly title: string;
  /** What it means for people, and what a high or low value says. */
  readonly description: string;
  readonly unit: Unit;
  readonly lines: readonly Line[];
}

/** Anything with build(): rows and panels of a dashboard. */
export interface Built {
  build(): Panel;
}

const HEIGHT = 8;

/** Lines over time; four to a row with `span` 6, two with 12. */
export function graph({ title, description, unit, lines }: Graph, span = 8): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(PROMETHEUS)
    .unit(unit)
    // A counter with labels has no series before its first event: that is good news, not a broken panel.
    .noValue('nothing so far')
    .min(0)
    .fillOpacity(10)
    .height(HEIGHT)
    .span(span)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true));
  for (const [index, line] of lines.entries()) panel.withTarget(query(line, index));
  return panel;
}

/** One number of now. */
export function number({ title, description, unit, lines }: Graph, span = 4): StatBuilder {
  const panel = new StatBuilder().title(title).description(description).datasource(PROMETHEUS).unit(unit).height(4).span(span);
  for (const [index, line] of lines.entries()) panel.withTarget(query(line, index));
  return panel;
}

/** What an alert measures, with the line at which it fires. The name in the title is what the alert, its test and its runbook are called. */
export function alertGraph(alert: Alert, legend: string, span = 8): PanelBuilder {
  const description = `${alert.summary}. Above the line for ${alert.for} it is the alert ${alert.name} (${alert.severity}); what to do is in docs/runbooks/${alert.name}.md.`;
  const steps = [
    { value: null, color: 'green' },
    { value: alert.over, color: 'red' },
  ];
  return graph({ title: `${alert.summary} (${alert.name})`, description, unit: alert.unit, lines: [{ expr: alert.measure(chosen), legend }] }, span)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Line));
}

const query = ({ expr, legend }: Line, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(String.fromCodePoint('A'.codePointAt(0)! + index))
    .expr(expr)
    .legendFormat(legend)
    .range();

/** Median and tails of a histogram, one line each. */
export const quantiles = (histogram: string, matchers: string): Line[] =>
  [0.5, 0.95, 0.99].map((q) => ({
    expr: `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket${matchers}[$__rate_interval])))`,
    legend: `p${q * 100}`,
  }));

/** Events a second, by labels. */
export const rates = (counter: string, matchers: string, by: string, legend: string): Line[] => [
  { expr: `sum by (${by}) (rate(${counter}${matchers}[$__rate_interval]))`, legend },
];
