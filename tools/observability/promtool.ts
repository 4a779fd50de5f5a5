/** promtool: what is on PATH, else that of Debian's package `prometheus`, unpacked beside the system: nothing is installed, and any user may. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface PromtoolMachine {
  /** Where what is unpacked is kept, between runs. */
  readonly cache: string;
  readonly path: readonly string[];
  /** Runs to its end in a folder; true when it succeeded. */
  readonly run: (command: readonly string[], folder: string) => boolean;
}

const PATIENCE_MS = 300_000;

/* v8 ignore start */
const thisMachine = (): PromtoolMachine => ({
  cache: join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'veche'),
  path: (process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  run: ([file = '', ...args], cwd) => spawnSync(file, args, { cwd, stdio: 'ignore', timeout: PATIENCE_MS }).status === 0,
});
/* v8 ignore stop */

/** The path of a promtool, or one sentence on why there is none. The first call of a machine downloads some 20 MB. */
export function promtool(machine: PromtoolMachine = thisMachine()): { readonly file: string } | { readonly problem: string } {
  const unpacked = join(machine.cache, 'prometheus', 'promtool');
  const file = [...machine.path.map((folder) => join(folder, 'promtool')), unpacked].find(existsSync);
  if (file !== undefined) return { file };
  const problem = unpack(machine, unpacked);
  return problem === undefined ? { file: unpacked } : { problem: `${problem}: put promtool of Prometheus on PATH, or install the package "prometheus"` };
}

function unpack({ cache, run }: PromtoolMachine, target: string): string | undefined {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'prometheus-'));
  try {
    if (!run(['apt-get', 'download', '-q', 'prometheus'], draft)) return 'promtool is not on this machine, and the package could not be downloaded';
    const archive = readdirSync(draft).find((name) => name.endsWith('.deb')) ?? '';
    if (!run(['dpkg', '-x', archive, 'tree'], draft)) return 'promtool is not on this machine, and the package could not be unpacked';
    mkdirSync(join(target, '..'), { recursive: true });
    // Whole or not at all: two runs may do this at a time.
    renameSync(join(draft, 'tree', 'usr', 'bin', 'promtool'), target);
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
