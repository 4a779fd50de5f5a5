import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { ALERTS } from '../../grafana/alerts.ts';
import { missingNames, placesOf } from './names.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NAMES = ALERTS.map(({ name }) => name);

test('every alert has its file, its test, its runbook and its panel, and each of those its alert', () => {
  expect(missingNames(placesOf(ROOT, NAMES))).toEqual([]);
});

test('a name that is missing anywhere is said, whichever place has it', () => {
  expect(missingNames({ rules: ['A', 'B'], runbooks: ['A', 'C'] })).toEqual(['B is not in runbooks', 'C is not in rules']);
});

interface RuleTest {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly { readonly exp_labels: { readonly namespace?: string } }[];
    }[];
  }[];
}

test.each(NAMES)('the test of %s is about it, sees it fire and has a case in which it stays quiet to the end', (name) => {
  const { tests } = parse(readFileSync(join(ROOT, 'grafana', 'tests', `${name}.test.yaml`), 'utf8')) as RuleTest;
  const moments = tests.map((each) => each.alert_rule_test);
  expect(new Set(moments.flat().map(({ alertname }) => alertname))).toEqual(new Set([name]));
  expect(moments.flat().some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
  expect(moments.some((each) => each.every(({ exp_alerts }) => exp_alerts.length === 0))).toBe(true);
});

const CHAPTERS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Quick checks'];

test.each(NAMES)('the runbook of %s has every chapter', (name) => {
  const text = readFileSync(join(ROOT, 'docs', 'runbooks', `${name}.md`), 'utf8');
  expect(text.split('\n')[0]).toBe(`# ${name}`);
  expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(CHAPTERS);
});
