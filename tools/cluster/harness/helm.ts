/** Charts as helm reads them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './shell.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export type Values = Readonly<Record<string, unknown>>;

/** A file of values of a chart, under its folder: `profiles/small.yaml`. */
export const valuesOf = (chart: string, file: string): Values => parse(readFileSync(join(ROOT, 'charts', chart, file), 'utf8')) as Values;

/**
 * The manifests of a chart, rendered for the cluster at hand with the APIs that it has.
 * @param files of the chart, in their order
 * @param values after the files
 */
export async function rendered(namespace: string, chart: string, files: readonly string[], values: Values): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'veche-values-'));
  const own = join(folder, 'values.json');
  writeFileSync(own, JSON.stringify(values));
  const path = join(ROOT, 'charts', chart);
  const flags = [...files.map((file) => join(path, file)), own].flatMap((file) => ['--values', file]);
  return run('helm', ['template', chart, path, '--namespace', namespace, ...flags, '--dry-run=server', '--no-hooks']).finally(() =>
    rmSync(folder, { recursive: true }),
  );
}
