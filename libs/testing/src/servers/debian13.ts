/** Servers of Debian 13 beside those of the system: packages unpacked into a folder, run in it by chroot within a user namespace. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CommandLine } from '../postgres/privileges.ts';

/** Unpacked there by `npm test` and `npm run start:distributed`; shared by the checkouts of a user. */
export const debian13Folder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'veche', 'debian13');

/** What is in the tree, whole: the marker is written last. */
export const DEBIAN13_MARKER = 'veche-unpacked';

export function debian13(): string | undefined {
  const tree = join(debian13Folder(), 'tree');
  return existsSync(join(tree, DEBIAN13_MARKER)) ? tree : undefined;
}

export const RABBITMQ_4_MISSING = 'RabbitMQ 4 is not unpacked on this machine (npm test does it on Debian): its tests are skipped';

/** One sentence when programs of the tree cannot be run here. */
export function debian13Problem(): string | undefined {
  if (debian13() === undefined) return RABBITMQ_4_MISSING;
  namespaces ??= spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0;
  return namespaces ? undefined : 'user namespaces are forbidden on this machine, so the servers of Debian 13 cannot be run beside its own';
}
let namespaces: boolean | undefined;

const LOADERS = ['usr/lib64/ld-linux-x86-64.so.2', 'usr/lib/ld-linux-aarch64.so.1'];

/** A program of the tree by its own loader and libraries: for one that refuses to be root, as everybody is after a chroot. Undefined without the tree. */
export function foreignProgram(path: string): CommandLine | undefined {
  const tree = debian13();
  const loader = LOADERS.map((each) => join(tree ?? '', each)).find(existsSync);
  if (tree === undefined || loader === undefined) return undefined;
  const libraries = join(tree, 'usr', 'lib', loader.includes('x86-64') ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu');
  return { file: loader, args: ['--library-path', libraries, join(tree, path)] };
}

const IN_TREE = `set -e; tree="$1"; home="$2"; shift 2
for part in proc dev tmp; do mkdir -p "$tree/$part"; mount --rbind "/$part" "$tree/$part"; done
case "$home" in /tmp/*) ;; *) mkdir -p "$tree$home"; mount --rbind "$home" "$tree$home";; esac
exec chroot "$tree" "$@"`;

/** The command as run inside the tree, which sees /tmp and the one folder; gets the signal when we die. */
export function inDebian13(command: CommandLine, home: string, atParentsDeath: NodeJS.Signals): CommandLine {
  const problem = debian13Problem();
  if (problem !== undefined) throw new Error(problem);
  // After unshare: a change of credentials would clear the signal again.
  const args = ['--map-root-user', '--mount', 'setpriv', '--pdeathsig', atParentsDeath.slice(3), 'sh', '-c', IN_TREE, 'sh', debian13() ?? '', home];
  return { file: 'unshare', args: [...args, command.file, ...command.args] };
}
