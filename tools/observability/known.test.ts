import { expect, test } from 'vitest';
import { knownMetrics, seriesOf } from './known.ts';

const PAGE = `# Metrics

| metric | type | labels | what it tells |
| --- | --- | --- | --- |
| \`veche_sent_total\` | counter | \`type\`, \`channel\` | Events. |
| \`veche_took_seconds\` | histogram | – | Time. |
`;

test('has what the page says, what every process registers, and what Kubernetes tells of pods', () => {
  const known = knownMetrics(PAGE);
  expect(known.get('veche_sent_total')).toEqual({ kind: 'counter', labels: ['type', 'channel'] });
  expect(known.get('process_cpu_seconds_total')?.kind).toBe('counter');
  expect(known.get('veche_build_info')?.labels).toContain('version');
  expect(known.get('kube_pod_status_ready')?.labels).toEqual(['condition']);
});

test('a histogram is asked for by its series', () => {
  const known = knownMetrics(PAGE);
  expect(seriesOf('veche_took_seconds', known)).toBeUndefined();
  expect(seriesOf('veche_took_seconds_bucket', known)?.labels).toEqual(['le']);
  expect(seriesOf('veche_sent_total_count', known)).toBeUndefined();
});

test('a page without a table is a mistake, not an empty list', () => {
  expect(() => knownMetrics('# Metrics')).toThrow('docs/metrics.md has no metric');
});
