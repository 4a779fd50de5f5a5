import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './cases.ts';

/** Values that a chart must refuse, and a part of what it says then. */
export interface Refused extends Case {
  /** Undefined when the file does not begin with `# refused: …`. */
  readonly message: string | undefined;
}

export const refusedCases = (root: string, chart: string): readonly Refused[] =>
  globSync('ci/refused/*.yaml', { cwd: join(root, chart) })
    .toSorted()
    .map((file) => ({ chart, name: file, files: [file], message: /^# refused: (.+)/.exec(readFileSync(join(root, chart, file), 'utf8'))?.[1]?.trim() }));

/** What the chart's templates can refuse with: the texts after `fail`, and those that are gathered for it by `append`. */
export function refusalsOf(root: string, chart: string): readonly string[] {
  const texts = globSync('templates/**/*.{tpl,yaml}', { cwd: join(root, chart) }).map((file) => readFileSync(join(root, chart, file), 'utf8'));
  const refusing = texts.filter((text) => /\bfail\b/.test(text));
  const found = refusing.flatMap((text) =>
    [...text.matchAll(/\b(?:fail|append \$\w+) \(?(?:printf )?"((?:[^"\\]|\\.)*)"/g)].map(([, message = '']) => message),
  );
  // "%s" alone is the place where gathered ones are put together.
  return [...new Set(found)].filter((message) => /[a-z]{3}/.test(message.replaceAll(/\\n|%\w/g, '')));
}

/** Whether one of the errors says it, whatever stands for its %s and %d. */
export function isSaid(message: string, errors: readonly string[]): boolean {
  const parts = message.replaceAll('\\"', '"').split(/%[a-z]/);
  const pattern = new RegExp(parts.map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('[^]*?'));
  return errors.some((error) => pattern.test(error));
}
