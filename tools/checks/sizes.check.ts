import { posix } from 'node:path';
import type { Check, Finding } from './check.ts';
import type { Repository } from './repository.ts';
import type { Source } from './source.ts';

interface Budget {
  readonly what: string;
  readonly median?: number;
  readonly p90?: number;
  /** Above it only with a reason: `allowed: size: <reason>` in the line or in the one above. */
  readonly ceiling: number;
  /** Above it never. */
  readonly limit?: number;
  readonly because: string;
}

interface Sized {
  readonly where: string;
  readonly what: string;
  readonly size: number;
}

const READ_AT_ONCE = 'a piece that is read at one glance is understood and tested as one piece; above the ceiling it needs a reason';

const FILES: Budget = { what: 'lines of a file', median: 60, p90: 180, ceiling: 350, because: READ_AT_ONCE };
const FUNCTIONS: Budget = { what: 'lines of a function', median: 10, p90: 35, ceiling: 80, because: READ_AT_ONCE };
const INJECTED: Budget = {
  what: 'injected dependencies',
  ceiling: 4,
  limit: 6,
  because: 'a class asks for what it uses; one that needs more than six things does more than one',
};
const DEPTH: Budget = { what: 'folders under src', ceiling: 1, limit: 2, because: 'feature first, then kind, nothing deeper: a file is found by its name' };
const FOLDERS: Budget = { what: 'files of a folder', ceiling: 20, because: 'a folder is one feature; more files than one can see at once are two features' };

/** Budgets of style: a table, and a finding for each piece above its ceiling and for a whole that drifts over its target. */
export const sizesCheck: Check = {
  name: 'sizes',
  run: (repository) => {
    const sources = repository.sources().filter(({ path }) => !isTest(path));
    const rows = [
      measure(FILES, filesOf(sources)),
      measure(FUNCTIONS, functionsOf(sources)),
      measure(INJECTED, injectedOf(sources)),
      measure(DEPTH, depthOf(sources)),
      measure(FOLDERS, foldersOf(sources)),
    ];
    return {
      findings: rows.flatMap(({ budget, sizes, all }) => [...above(repository, budget, sizes), ...drift(budget, all)]),
      report: `${rows.map(({ line }) => line).join('\n')}\n${commentShares(sources)}\n`,
    };
  },
};

const isTest = (path: string): boolean => /\.(test|int|e2e|conformance)\.tsx?$|\/tests\//.test(path);

const filesOf = (sources: readonly Source[]): Sized[] => sources.map(({ path, lines }) => ({ where: `${path}:1`, what: 'file', size: lines }));
const functionsOf = (sources: readonly Source[]): Sized[] =>
  sources.flatMap(({ path, functions }) => functions.map(({ name, line, size }) => ({ where: `${path}:${line}`, what: name, size })));
const injectedOf = (sources: readonly Source[]): Sized[] =>
  sources.flatMap(({ path, injected }) => injected.map(({ name, line, size }) => ({ where: `${path}:${line}`, what: name, size })));
const depthOf = (sources: readonly Source[]): Sized[] =>
  sources
    .filter(({ path }) => path.includes('/src/'))
    .map(({ path }) => ({ where: `${path}:1`, what: 'file', size: (path.split('/src/')[1]?.split('/').length ?? 1) - 1 }));

function foldersOf(sources: readonly Source[]): Sized[] {
  const folders = Map.groupBy(sources, ({ path }) => posix.dirname(path));
  return [...folders].map(([where, files]) => ({ where, what: 'folder', size: files.length }));
}

export function quantile(sizes: readonly number[], q: number): number {
  const sorted = sizes.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

function measure(budget: Budget, sizes: readonly Sized[]) {
  const all = sizes.map(({ size }) => size);
  const [median, p90, max] = [quantile(all, 0.5), quantile(all, 0.9), Math.max(0, ...all)];
  const target = `${budget.median ?? '–'} / ${budget.p90 ?? '–'} / ${budget.ceiling}`;
  return { budget, sizes, all, line: `       ${budget.what.padEnd(24)} median ${median}, p90 ${p90}, largest ${max}   (budget ${target})` };
}

function above(repository: Repository, { what, ceiling, limit = Infinity, because }: Budget, sizes: readonly Sized[]): Finding[] {
  return sizes
    .filter(({ size, where }) => size > ceiling && (size > limit || !hasReason(repository, where)))
    .map(({ where, what: name, size }) => ({ where, what: `${name}: ${size} ${what}, ceiling ${ceiling}`, because }));
}

function drift({ what, median, p90, because }: Budget, all: readonly number[]): Finding[] {
  const over = [
    ['median', median, quantile(all, 0.5)],
    ['p90', p90, quantile(all, 0.9)],
  ] as const;
  return over.flatMap(([name, target, found]) =>
    target !== undefined && found > target ? [{ where: 'the whole', what: `${name} of ${what} is ${found}, target ${target}`, because }] : [],
  );
}

function hasReason(repository: Repository, where: string): boolean {
  const [path = '', line] = where.split(':');
  if (line === undefined) return false;
  const text = repository.source(path).text;
  // The reason of a file may stand in its head comment.
  const near = line === '1' ? text.slice(0, 10) : text.slice(Math.max(0, Number(line) - 3), Number(line));
  return /allowed: size: .{10,}/.test(near.join('\n'));
}

/** Why and never what: too few leave the reader alone, too many say what the code says. A report; what a good comment is no program knows. */
function commentShares(sources: readonly Source[]): string {
  const share = (prefix: RegExp): string => {
    const own = sources.filter(({ path }) => prefix.test(path));
    const [comments, lines] = [own.reduce((sum, each) => sum + each.commentLines, 0), own.reduce((sum, each) => sum + each.lines, 0)];
    return lines === 0 ? '–' : `${((100 * comments) / lines).toFixed(0)} %`;
  };
  return `       comment lines            platform ${share(/^libs\/platform\//)}, edge ${share(/^libs\/edge\//)}, event-log ${share(/^libs\/event-log\//)}   (8–20 %)`;
}
