import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ALERTS } from '../../../grafana/alerts.ts';
import { dashboardOf } from '../../../grafana/dashboard.ts';
import { DASHBOARDS } from '../../../grafana/dashboards.ts';
import { queriesOf } from '../checked.ts';
import { promtool } from '../promtool.ts';

const GRAFANA = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'grafana');
const RULES = join(GRAFANA, 'rules', 'veche.rules.yaml');
const tool = promtool();
if ('problem' in tool) process.stderr.write(`rules of Prometheus are not tested: ${tool.problem}\n`);
const file = 'file' in tool ? tool.file : '';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'veche-rules-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]): string => execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test.skipIf(!file)('Prometheus takes every rule', () => {
  expect(run('check', 'rules', RULES)).toContain(`${ALERTS.length} rules found`);
});

test.skipIf(!file)('Prometheus takes every query of the dashboards, with values for their variables', () => {
  const queries = DASHBOARDS.map(dashboardOf).flatMap(queriesOf);
  const rules = queries.map(({ expr }, index) => ({ record: `panel:${index}`, expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*') }));
  writeFileSync(join(folder, 'panels.rules.yaml'), JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  expect(queries.length).toBeGreaterThan(40);
  expect(run('check', 'rules', join(folder, 'panels.rules.yaml'))).toContain(`${queries.length} rules found`);
});

test.skipIf(!file).each(ALERTS.map(({ name }) => name))('%s fires in its case and stays quiet in the near miss', (name) => {
  expect(run('test', 'rules', join(GRAFANA, 'tests', `${name}.test.yaml`))).toContain('SUCCESS');
});

const MUTANTS = ALERTS.flatMap(({ name, over }) => [
  { name, over, what: 'never fires', threshold: '1e99' },
  { name, over, what: 'always fires', threshold: '-1e99' },
]);

/** A test that passes with an alert that is deaf, or that cries all the time, is a test of nothing. */
test.skipIf(!file).each(MUTANTS)('the test of $name fails when it $what', ({ name, over, threshold }) => {
  const mutant = readFileSync(RULES, 'utf8').replaceAll(new RegExp(`(- alert: ${name}\\n +expr: .*) > ${over}(["']?)$`, 'gm'), `$1 > ${threshold}$2`);
  expect(mutant).toContain(threshold);
  writeFileSync(join(folder, `${name}.rules.yaml`), mutant);
  const cases = readFileSync(join(GRAFANA, 'tests', `${name}.test.yaml`), 'utf8').replace('../rules/veche.rules.yaml', `${name}.rules.yaml`);
  writeFileSync(join(folder, `${name}.test.yaml`), cases);
  expect(() => run('test', 'rules', join(folder, `${name}.test.yaml`))).toThrow('Command failed');
});
