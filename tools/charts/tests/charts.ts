/** What the files of tests share: one process runs them all, so that a case is rendered once. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, inject } from 'vitest';
import type { Schema } from '../../generate/charts/schema.ts';
import { type Case, chartsOf } from '../renders/cases.ts';
import { Renderer } from '../renders/renderer.ts';

export const ROOT = dirname(dirname(dirname(import.meta.dirname)));
export const CHARTS = chartsOf(ROOT);

const helm = inject('helm');
export const renderer = new Renderer('file' in helm ? helm.file : '', ROOT);

/** Skipped, and not passed, where there is no Helm. */
export const describeCharts = describe.skipIf('problem' in helm).each(CHARTS.map((chart) => [chart] as const));

export const schemaOf = (chart: string): Schema => JSON.parse(readFileSync(join(ROOT, chart, 'values.schema.json'), 'utf8')) as Schema;

/** The names of the cases in which something is wrong, by what it is; a case is looked at when it renders. */
export async function findingsIn(
  cases: readonly Case[],
  look: (given: Case) => Promise<readonly (string | undefined)[]>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found = await Promise.all(cases.map(async (given) => (await look(given)).flatMap((line) => (line === undefined ? [] : { line, name: given.name }))));
  return Object.fromEntries([...Map.groupBy(found.flat(), ({ line }) => line)].map(([line, places]) => [line, places.map(({ name }) => name)]));
}
