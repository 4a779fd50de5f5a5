import { expect, test } from 'vitest';
import type { Known } from './known.ts';
import { problemsOf, wrongLegend } from './queries.ts';

const KNOWN = new Map<string, Known>([
  ['up', { kind: 'gauge', labels: [] }],
  ['sent_total', { kind: 'counter', labels: ['type'] }],
  ['open', { kind: 'gauge', labels: ['server_id'] }],
  ['took_seconds', { kind: 'histogram', labels: ['kind'] }],
]);

test.each([
  'sum by (namespace, type) (rate(sent_total{type="event", pod=~"$pod"}[$__rate_interval]))',
  'histogram_quantile(0.99, sum by (kind, le) (rate(took_seconds_bucket[5m])))',
  '(1 - up) and on (job, instance) last_over_time(open{server_id!=""}[1h])',
  'sum(rate(took_seconds_sum[5m])) / sum(rate(took_seconds_count{kind="a"}[5m])) > 0.5',
  'sum by (namespace) (sent_total unless sent_total offset 10m or increase(sent_total[10m])) > 0',
])('accepts %s', (query) => {
  expect(problemsOf(query, KNOWN)).toEqual([]);
});

test.each([
  ['rate(nothing_total[5m])', 'there is no metric nothing_total'],
  ['took_seconds', 'there is no metric took_seconds'],
  ['took_seconds_total', 'there is no metric took_seconds_total'],
  ['sent_total{kind="a"}', 'sent_total has no label kind'],
  ['took_seconds_sum{le="1"}', 'took_seconds_sum has no label le'],
  ['sum by (kind) (sent_total)', 'none of sent_total has a label kind'],
  ['sent_total and on (kind) up', 'none of sent_total, up has a label kind'],
  ['rate(open[5m])', 'open is a gauge: rate() of it means nothing'],
  ['sum(rate(sent_total[5m])', 'no PromQL at'],
  ['{job="veche"}', 'a selector without the name of a metric cannot be checked'],
])('refuses %s', (query, problem) => {
  expect(problemsOf(query, KNOWN).join('\n')).toContain(problem);
});

test('a legend names only labels that its metrics have', () => {
  expect(wrongLegend('{{pod}} {{ type }}', 'sum by (pod, type) (sent_total)', KNOWN)).toEqual([]);
  expect(wrongLegend('{{kind}}', 'sum(sent_total)', KNOWN)).toEqual(['none of sent_total has a label kind']);
});
