import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { missingProgram, PACKAGES, type Program } from '@veche/testing';

export interface ServerMachine {
  /** One sentence with the command when it is missing. */
  readonly missing: (program: Program) => string | undefined;
  readonly isRoot: boolean;
  readonly hasApt: boolean;
  /** Runs to its end; true when it succeeded. */
  readonly run: (command: readonly string[]) => boolean;
}

/* v8 ignore start */
const thisMachine = (): ServerMachine => ({
  missing: missingProgram,
  isRoot: process.getuid?.() === 0,
  hasApt: existsSync('/usr/bin/apt-get'),
  run: ([file = '', ...args]) => {
    process.stderr.write(`veche: ${[file, ...args].join(' ')}\n`);
    return spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  },
});
/* v8 ignore stop */

const ALL: readonly Program[] = ['rabbitmq', 'redis', 'pgbouncer', 'nginx'];

/** Sees to RabbitMQ, Redis, PgBouncer and nginx where that is possible (root with apt); returns a sentence for each that is missing still. */
export function provideServers(machine: ServerMachine = thisMachine()): readonly string[] {
  const missing = (): Program[] => ALL.filter((program) => machine.missing(program) !== undefined);
  const wanted = missing();
  if (wanted.length > 0 && machine.isRoot && machine.hasApt) {
    const packages = wanted.map((program) => PACKAGES[program]);
    if (machine.run(['apt-get', 'update', '-q'])) machine.run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages]);
  }
  return missing().flatMap((program) => machine.missing(program) ?? []);
}
