/** Which application this process is, by the package that its first file stands in. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Application {
  /** As in `veche-chat`. */
  readonly name: string;
  readonly version: string;
}

const UNKNOWN: Application = { name: 'veche', version: '0.0.0' };

/** @param entry path of a file; its folder or one above it has the package.json that says who it is */
export function applicationOf(entry: string | undefined): Application {
  for (let folder = dirname(entry ?? '/'); ; folder = dirname(folder)) {
    const found = packageIn(folder);
    if (found) return found;
    if (folder === dirname(folder)) return UNKNOWN;
  }
}

function packageIn(folder: string): Application | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
    return name === undefined ? undefined : { name: name.replace(/^@/, '').replace('/', '-'), version: version ?? UNKNOWN.version };
  } catch {
    // None here: the next folder up.
    return undefined;
  }
}
