import { posix } from 'node:path';
import type { Check, Finding } from './check.ts';
import type { Repository } from './repository.ts';

const BECAUSE = 'files that import each other in a circle cannot be understood, tested or moved one by one, and load in an order nobody chose; types count too';

/** No circle of imports between the files of a package; between packages the table forbids it. */
export const cyclesCheck: Check = {
  name: 'cycles',
  run: (repository) => ({ findings: cyclesOf(graphOf(repository)).map(findingOf) }),
};

const findingOf = (cycle: readonly string[]): Finding => ({
  where: cycle[0] ?? '',
  what: `imports itself: ${cycle.map((path) => posix.basename(path)).join(' → ')}`,
  because: BECAUSE,
});

type Graph = ReadonlyMap<string, readonly string[]>;

function graphOf(repository: Repository): Graph {
  const known = new Set(repository.files);
  return new Map(
    repository.sources().map(({ path, imports }) => {
      const targets = imports.filter(({ specifier }) => specifier.startsWith('.')).map(({ specifier }) => posix.join(posix.dirname(path), specifier));
      return [path, targets.filter((target) => known.has(target))];
    }),
  );
}

/** One circle for each file from which a circle is entered first: enough to take it apart. */
export function cyclesOf(graph: Graph): string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) return void cycles.push([...way.slice(way.indexOf(path)), path]);
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
