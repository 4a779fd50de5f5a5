/** Commands of a page of the docs, as its readers paste them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/helm.ts';

const FENCE = /^```sh\n([\s\S]*?)^```$/gm;

/**
 * What the `sh` blocks under a heading say, in order; those of the sections below it are not among them.
 * @param page under the root of the checkout
 * @throws Error when there is no such heading, or nothing to do under it
 */
export function linesUnder(page: string, heading: string): string {
  const sections = readFileSync(join(ROOT, page), 'utf8').split(/^(?=#{2,3} )/m);
  const section = sections.find((text) => text.replace(/^#+ /, '').startsWith(`${heading}\n`));
  const lines = [...(section ?? '').matchAll(FENCE)].map(([, block]) => block).join('');
  if (lines === '') throw new Error(`${page} has no commands under a heading "${heading}"`);
  return lines;
}
