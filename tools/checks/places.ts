import { posix } from 'node:path';
import type { Import, Source } from './source.ts';

export interface Place {
  readonly line: number;
  readonly what: string;
}

/** Every import that the predicate accepts. */
export const imports =
  (forbidden: (each: Import) => boolean) =>
  (source: Source): readonly Place[] =>
    source.imports.filter(forbidden).map(({ specifier, line }) => ({ line, what: `imports ${specifier}` }));

/** Every line whose code, without comments and strings, matches. */
export const code =
  (pattern: RegExp, what: string) =>
  (source: Source): readonly Place[] =>
    source.code.flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, what }] : []));

/** Specifiers of files of these kinds within the package. */
export const relative = (kinds: string): RegExp => new RegExp(`^\\..*\\.${kinds}\\.ts$`);

/** A package is `libs/x`, `libs/x/y` or `apps/x`: the folder above `src` or `tests`. */
export function leaves(path: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) return false;
  const home = /^(.*?)\/(src|tests)\//.exec(path)?.[1] ?? posix.dirname(path);
  return !`${posix.join(posix.dirname(path), specifier)}/`.startsWith(`${home}/`);
}
