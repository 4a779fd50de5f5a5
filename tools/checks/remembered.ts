import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Repository } from './repository.ts';

/** What the checks said when they last held, and of which files. */
interface Memory {
  readonly digest: string;
  readonly report: string;
}

const fileIn = ({ root }: Repository): string => join(root, 'node_modules/.cache/veche/checks.json');

/** Of every file of the checkout: the checks look at nothing else, so the same files have the same result. */
export function digestOf(repository: Repository): string {
  const hash = createHash('sha256').update(process.version);
  for (const path of repository.files)
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(repository.root, path)))
      .update('\0');
  return hash.digest('hex');
}

/** The report of the last run that held on exactly these files. */
export function recall(repository: Repository, digest: string): string | undefined {
  try {
    const memory = JSON.parse(readFileSync(fileIn(repository), 'utf8')) as Memory;
    return memory.digest === digest ? memory.report : undefined;
  } catch {
    return undefined;
  }
}

export function remember(repository: Repository, digest: string, report: string): void {
  mkdirSync(dirname(fileIn(repository)), { recursive: true });
  writeFileSync(fileIn(repository), JSON.stringify({ digest, report } satisfies Memory));
}
