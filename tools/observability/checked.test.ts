import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Alert } from '../../grafana/alert.ts';
import { dashboardOf } from '../../grafana/dashboard.ts';
import { graph } from '../../grafana/panels.ts';
import { checkAlert, checkDashboard } from './checked.ts';
import { observabilityFiles } from './generated.ts';
import { knownMetrics } from './known.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const METRICS = readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8');
const KNOWN = knownMetrics(METRICS);

const alert = (measure: string, description = ''): Alert => ({
  name: 'VecheTest',
  severity: 'warning',
  for: '1m',
  summary: 'a test',
  description,
  measure: (where) => measure.replace('WHERE', where()),
  over: 0,
  unit: 'short',
});

test('what is committed is what the code says, and every query of it can have an answer', () => {
  for (const [path, text] of Object.entries(observabilityFiles(METRICS))) expect(readFileSync(join(ROOT, path), 'utf8'), path).toBe(text);
});

test('two runs write the same', () => {
  expect(observabilityFiles(METRICS)).toEqual(observabilityFiles(METRICS));
});

test('a metric that left the code stops the generator, with the alert and the panels that want it', () => {
  const without = METRICS.replace(/^\| `veche_messaging_outage`.*\n/m, '');
  expect(() => observabilityFiles(without)).toThrow(/VecheOwnersAway: there is no metric veche_messaging_outage[^]*veche-overview, .*VecheOwnersAway/);
});

test('an alert may not tell of a label that its expression drops', () => {
  expect(checkAlert(alert('sum by (namespace, type) (veche_messages_sent_totalWHERE)', '{{ $labels.type }}'), KNOWN)).toEqual([]);
  expect(checkAlert(alert('sum by (namespace) (veche_messages_sent_totalWHERE)', '{{ $labels.type }}'), KNOWN)).toEqual([
    'VecheTest: its description names type, which the expression drops',
  ]);
});

test('a panel says what it shows, in which unit, from the chosen Prometheus', () => {
  const bare = graph({ title: 'Bare', description: '', unit: 'short', lines: [] }).datasource({ uid: 'mine' });
  const wrong = graph({ title: 'Wrong', description: 'x', unit: 's', lines: [{ expr: 'veche_nothing', legend: '' }] });
  expect(checkDashboard(dashboardOf({ uid: 'd', title: 'D', description: '', variables: {}, rows: [['Row', [bare, wrong]]] }), KNOWN)).toEqual([
    'd, Bare: it has no description',
    'd, Bare: it does not use the variable datasource',
    'd, Bare: it has no query',
    'd, Wrong: there is no metric veche_nothing',
  ]);
});
