import { BOUNDARIES, type Boundary } from './boundaries.ts';
import type { Check, Finding } from './check.ts';
import type { Source } from './source.ts';

/** Evaluates the table over every file. */
export const boundariesCheck: Check = {
  name: 'boundaries',
  run: (repository) => ({ findings: repository.sources().flatMap(findingsIn) }),
};

/** A row is set aside for one line by a comment above it or behind it that names the row and the reason: `allowed: <row>: <reason>`. */
export function findingsIn(source: Source): readonly Finding[] {
  return BOUNDARIES.filter(({ within, except }) => within.test(source.path) && !except?.test(source.path)).flatMap((row) =>
    row
      .forbids(source)
      .filter(({ line }) => !isAllowed(row, source, line))
      .map(({ line, what }) => ({ where: `${source.path}:${line}`, what: `${row.name}: ${what}`, because: row.because })),
  );
}

function isAllowed({ name }: Boundary, source: Source, line: number): boolean {
  const near = `${source.text[line - 2] ?? ''}\n${source.text[line - 1] ?? ''}`;
  const reason = near.split(`allowed: ${name}: `)[1]?.split('\n')[0];
  return reason !== undefined && reason.trim().length >= 10;
}
