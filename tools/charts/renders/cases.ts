import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { matrixOf } from './matrix.ts';
import type { Values } from './merged.ts';

/** One way to render a chart. */
export interface Case {
  /** Folder of the chart, from the root: `charts/veche`. */
  readonly chart: string;
  readonly name: string;
  /** Under the chart's folder, in the order helm gets them. */
  readonly files: readonly string[];
  /** After the files. */
  readonly values?: Values;
}

/** Every chart there is. */
export const chartsOf = (root: string): readonly string[] =>
  globSync('charts/*/Chart.yaml', { cwd: root })
    .map((file) => file.slice(0, -'/Chart.yaml'.length))
    .toSorted();

/** The defaults, each stage alone and with each profile, each run of stages from the first on, and every file of ci/. */
export function plainCases(root: string, chart: string): readonly Case[] {
  const list = (pattern: string): string[] => globSync(pattern, { cwd: join(root, chart) }).toSorted();
  const stages = list('stages/*.yaml');
  const profiles = list('profiles/*.yaml');
  const lists = [
    [],
    ...stages.flatMap((stage) => [[stage], ...profiles.map((profile) => [stage, profile])]),
    ...stages.slice(1).map((_, index) => stages.slice(0, index + 2)),
    ...list('ci/*.yaml').map((file) => [file]),
  ];
  return lists.map((files) => ({ chart, files, name: files.map((file) => basename(file, '.yaml')).join(' + ') || 'defaults' }));
}

/** Beside those the products of stages with what does not go into files. */
export function allCases(root: string, chart: string): readonly Case[] {
  const stages = plainCases(root, chart).filter(({ files: [first, ...more] }) => first?.startsWith('stages/') && more.length === 0);
  const products = stages.flatMap((stage) => Object.entries(matrixOf(chart)).map(([name, values]) => ({ ...stage, values, name: `${stage.name}, ${name}` })));
  return [...plainCases(root, chart), ...products];
}

/** Of one of the chart's files; nothing where there is none. */
export const valuesIn = (root: string, chart: string, file: string): Values => {
  const path = join(root, chart, file);
  return existsSync(path) ? ((parse(readFileSync(path, 'utf8')) as Values | null) ?? {}) : {};
};
