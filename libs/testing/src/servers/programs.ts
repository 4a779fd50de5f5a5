/** Where the servers of this machine are, and what to do when one is missing. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Program = 'rabbitmq' | 'redis' | 'pgbouncer' | 'nginx';

/** Debian's package of each. */
export const PACKAGES: Readonly<Record<Program, string>> = { rabbitmq: 'rabbitmq-server', redis: 'redis-server', pgbouncer: 'pgbouncer', nginx: 'nginx-light' };

const FILES: Readonly<Record<Program, string>> = { rabbitmq: 'rabbitmq-server', redis: 'redis-server', pgbouncer: 'pgbouncer', nginx: 'nginx' };
/** A user's own PATH has no `sbin` on Debian. */
const ALSO = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin', '/opt/homebrew/opt/rabbitmq/sbin'];

/** @throws Error that says how to install it */
export function programFile(program: Program): string {
  const found = findProgram(program);
  if (found === undefined) throw new Error(missing(program));
  return found;
}

export function findProgram(program: Program): string | undefined {
  return program === 'rabbitmq' ? innerRabbitMq() : onPath(FILES[program]);
}

/** One sentence with the exact command; undefined when it is there. */
export const missingProgram = (program: Program): string | undefined => (findProgram(program) === undefined ? missing(program) : undefined);

const missing = (program: Program): string =>
  existsSync('/usr/bin/apt-get')
    ? `${FILES[program]} is not installed: sudo apt-get install -y --no-install-recommends ${PACKAGES[program]}`
    : `${FILES[program]} is not on PATH: install it with the package manager of this system (on Debian the package is ${PACKAGES[program]}; with Homebrew: brew install ${program})`;

/** Debian's `rabbitmq-server` on PATH is a wrapper that serves only root and the user `rabbitmq`; the script inside serves everybody. */
function innerRabbitMq(): string | undefined {
  const lib = '/usr/lib/rabbitmq/lib';
  const versions = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith('rabbitmq_server-')) : [];
  const inner = versions.map((name) => join(lib, name, 'sbin', 'rabbitmq-server')).find(isExecutable);
  return inner ?? (versions.length === 0 ? onPath(FILES.rabbitmq) : undefined);
}

function onPath(file: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...ALSO];
  return folders.map((folder) => join(folder, file)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
