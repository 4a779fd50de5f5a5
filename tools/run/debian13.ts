/** RabbitMQ 4 and PgBouncer 1.24 of Debian 13, unpacked beside the system's own: nothing is installed, and any user may. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debian13, DEBIAN13_MARKER, debian13Folder } from '@veche/testing';

export interface Unpacking {
  readonly folder: string;
  readonly isThere: boolean;
  readonly hasApt: boolean;
  /** Runs to its end; its output, undefined when it failed. */
  readonly run: (command: readonly string[]) => string | undefined;
}

/* v8 ignore start */
const thisMachine = (): Unpacking => ({
  folder: debian13Folder(),
  isThere: debian13() !== undefined,
  hasApt: existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get') && existsSync(KEYRING),
  run: ([file = '', ...args]) => {
    const { status, stdout } = spawnSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: PATIENCE_MS });
    return status === 0 ? stdout : undefined;
  },
});
/* v8 ignore stop */

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PATIENCE_MS = 600_000;
const SERVERS = ['rabbitmq-server', 'pgbouncer'];
/** What every Debian has, and so no package asks for: the scripts of RabbitMQ run in the tree alone. */
const SYSTEM = ['base-files', 'dash', 'bash', 'coreutils', 'sed', 'grep', 'gawk', 'hostname', 'findutils', 'util-linux', 'libc-bin'];

/** Some 270 MB, once; returns what to tell when the tests on RabbitMQ 4 will be skipped. */
export function provideDebian13(say: (line: string) => void, machine: Unpacking = thisMachine()): string | undefined {
  if (machine.isThere) return undefined;
  const skipped = 'the tests on RabbitMQ 4 are skipped:';
  if (!machine.hasApt) return `${skipped} it is unpacked from Debian 13, and this is no Debian (or its keyring is missing)`;
  say(`unpacking RabbitMQ 4 of Debian 13 into ${machine.folder}, some 270 MB, once`);
  const problem = unpack(machine);
  return problem && `${skipped} ${problem}; run again to try once more`;
}

function unpack({ folder, run }: Unpacking): string | undefined {
  const state = join(folder, 'apt');
  const draft = join(folder, `tree.${process.pid}`);
  prepare(state);
  try {
    if (run(['apt-get', ...options(state), 'update']) === undefined) return 'the package lists of Debian 13 could not be read';
    if (run(['apt-get', ...options(state), 'install', '--download-only', '-y', '--no-install-recommends', ...SYSTEM, ...SERVERS]) === undefined)
      return 'the packages of Debian 13 could not be downloaded';
    mkdirSync(draft, { recursive: true });
    const packages = readdirSync(join(state, 'cache', 'archives')).filter((name) => name.endsWith('.deb'));
    // First what makes /bin and /lib links into /usr.
    packages.sort((a, b) => Number(b.startsWith('base-files')) - Number(a.startsWith('base-files')));
    for (const name of packages) if (run(['dpkg', '-x', join(state, 'cache', 'archives', name), draft]) === undefined) return `${name} could not be unpacked`;
    mkdirSync(join(draft, 'etc'), { recursive: true });
    writeFileSync(join(draft, 'etc', 'hosts'), '127.0.0.1 localhost\n');
    symlinkSync('gawk', join(draft, 'usr', 'bin', 'awk'));
    // Whole or not at all: the marker is what is looked for.
    writeFileSync(join(draft, DEBIAN13_MARKER), `${packages.join('\n')}\n`);
    rmSync(join(folder, 'tree'), { recursive: true, force: true });
    renameSync(draft, join(folder, 'tree'));
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(state, { recursive: true, force: true });
  }
}

/** An apt of its own, which knows nothing of what this system has installed. */
function prepare(state: string): void {
  for (const name of ['lists/partial', 'cache/archives/partial', 'dpkg', 'preferences.d']) mkdirSync(join(state, name), { recursive: true });
  writeFileSync(join(state, 'dpkg', 'status'), '');
  writeFileSync(join(state, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror()} trixie main\n`);
}

function options(state: string): string[] {
  const places = {
    'Dir::State': state,
    'Dir::State::status': join(state, 'dpkg', 'status'),
    'Dir::State::lists': join(state, 'lists'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Cache::archives': join(state, 'cache', 'archives'),
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': join(state, 'preferences.d'),
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  };
  return Object.entries(places).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** The mirror that this machine uses already, be it one of a company. */
function mirror(): string {
  const files = ['/etc/apt/sources.list', '/etc/apt/sources.list.d/debian.sources'].filter(existsSync);
  const found = files.map((file) => /(?:^URIs:|^deb(?: \[[^\]]*\])?)\s+(\S*debian\/?)(?=\s|$)/m.exec(readFileSync(file, 'utf8'))?.[1]);
  return found.find((url) => url !== undefined && !url.includes('security')) ?? 'http://deb.debian.org/debian';
}
