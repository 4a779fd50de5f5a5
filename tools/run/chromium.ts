import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from '@veche/testing';

export interface Machine {
  readonly find: () => string | undefined;
  readonly isRoot: boolean;
  readonly isDebian: boolean;
  /** Runs to its end; true when it succeeded. */
  readonly run: (command: readonly string[]) => boolean;
}

/* v8 ignore start */
const thisMachine = (): Machine => ({
  find: () => findChromium(),
  isRoot: process.getuid?.() === 0,
  isDebian: existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get'),
  run: ([file = '', ...args]) => {
    process.stderr.write(`veche: installing Chromium for the page's tests: ${[file, ...args].join(' ')}\n`);
    return spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  },
});
/* v8 ignore stop */

const INSTALL = [
  ['apt-get', 'update', '-q'],
  ['apt-get', 'install', '-y', '-q', '--no-install-recommends', 'chromium'],
] as const;

/** Sees to a Chromium where that is possible; returns what to tell when the tests of the page will be skipped. */
export function provideChromium(machine: Machine = thisMachine()): string | undefined {
  if (machine.find()) return undefined;
  if (!machine.isDebian) return `the tests of the page are skipped: no Chromium on PATH. Install chromium or google-chrome, then run again.`;
  if (!machine.isRoot)
    return `the tests of the page are skipped: no Chromium on PATH. Install it with: sudo apt-get install -y --no-install-recommends chromium`;
  if (INSTALL.every((command) => machine.run(command)) && machine.find()) return undefined;
  return `the tests of the page are skipped: Chromium could not be installed with apt-get. Install it by hand, then run again.`;
}
