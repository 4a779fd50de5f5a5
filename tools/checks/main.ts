// Behind `npm run check`: every rule of the house, each failure with its place and the sentence that explains it.
import { parseArgs } from 'node:util';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boundariesCheck } from './boundaries.check.ts';
import type { Check, Finding } from './check.ts';
import { cyclesCheck } from './cycles.check.ts';
import { hostsCheck } from './hosts.check.ts';
import { linksCheck } from './links.check.ts';
import { packagesCheck } from './packages.check.ts';
import { formatCheck, freshCheck, lintCheck, typesCheck } from './programs.check.ts';
import { digestOf, recall, remember } from './remembered.ts';
import { Repository } from './repository.ts';
import { withProgress } from '../run/progress.ts';
import { sizesCheck } from './sizes.check.ts';

const CHECKS: readonly Check[] = [
  formatCheck,
  lintCheck,
  typesCheck,
  boundariesCheck,
  packagesCheck,
  cyclesCheck,
  sizesCheck,
  hostsCheck,
  linksCheck,
  freshCheck,
];

const HERE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values } = parseArgs({ options: { root: { type: 'string', default: HERE }, only: { type: 'string', multiple: true } } });
const repository = new Repository(values.root);
const chosen = CHECKS.filter(({ name }) => values.only?.includes(name) ?? true);
if (chosen.length === 0) throw new Error(`no such check; there are: ${CHECKS.map(({ name }) => name).join(', ')}`);

const digest = values.only ? '' : digestOf(repository);
const before = values.only ? undefined : recall(repository, digest);
if (before === undefined) await runAll();
else process.stdout.write(`${before}check: everything holds (nothing has changed since it was checked)\n`);

function waiting(line: string): void {
  process.stderr.write(`       ${line}\n`);
}

async function runAll(): Promise<void> {
  const shown: string[] = [];
  const show = (text: string): void => {
    shown.push(text);
    process.stdout.write(text);
  };
  let failed = 0;
  for (const check of chosen) {
    const started = performance.now();
    const { findings, report = '' } = await withProgress(waiting, check.name, Promise.resolve(check.run(repository)));
    failed += findings.length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    show(`${findings.length === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)\n${report}${explained(findings)}`);
  }
  process.stdout.write(failed === 0 ? 'check: everything holds\n' : `check: ${failed} findings\n`);
  process.exitCode = failed === 0 ? 0 : 1;
  if (failed === 0 && !values.only) remember(repository, digest, shown.join(''));
}

/** Each sentence once, with every place that breaks it. */
function explained(findings: readonly Finding[]): string {
  return [...Map.groupBy(findings, ({ because }) => because)]
    .map(([because, group]) => `${group.map(({ where, what }) => `  ${where}  ${what}\n`).join('')}      → ${because}\n`)
    .join('');
}
