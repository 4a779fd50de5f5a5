import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

/** Nobody, on every Linux. */
const NOBODY = '65534';

/**
 * Wraps a command so that Postgres, which refuses to be root, runs for root and for an ordinary user,
 * and gets a signal (SIGINT: fast shutdown) from the kernel when its parent dies, be it by SIGKILL.
 */
export function unprivileged(command: CommandLine, atParentsDeath: NodeJS.Signals = 'SIGINT'): CommandLine {
  if (process.platform !== 'linux') return command;
  const bound = tied(command, atParentsDeath);
  if (process.getuid?.() !== 0) return hasName() || !namespacesAllowed() ? bound : inNamespace(bound);
  return namespacesAllowed() ? inNamespace(bound) : asNobody(command, atParentsDeath);
}

/** Gets the signal from the kernel when its parent dies; on other systems the parent itself has to see to it. */
export const tied = ({ file, args }: CommandLine, atParentsDeath: NodeJS.Signals): CommandLine =>
  hasSetpriv() ? { file: 'setpriv', args: ['--pdeathsig', atParentsDeath.slice(3), file, ...args] } : { file, args };

/** initdb asks for the name of its user; a user of a container may be a mere number. */
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** Root is shown as nobody to the process inside; its files stay root's, so a checkout below a 0700 home works. */
const inNamespace = ({ file, args }: CommandLine): CommandLine => ({
  file: 'unshare',
  args: ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args],
});

/** Only where user namespaces are forbidden: data folder and binaries must then be readable by nobody. */
const asNobody = ({ file, args }: CommandLine, atParentsDeath: NodeJS.Signals): CommandLine => ({
  file: 'setpriv',
  args: [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--pdeathsig', atParentsDeath.slice(3), file, ...args],
});

/** True when the files of the server must belong to nobody, because it really runs as nobody. */
export const runsAsNobody = (): boolean => process.platform === 'linux' && process.getuid?.() === 0 && !namespacesAllowed();

let namespaces: boolean | undefined;
function namespacesAllowed(): boolean {
  namespaces ??= spawnSync('unshare', ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, 'true']).status === 0;
  return namespaces;
}

let setpriv: boolean | undefined;
function hasSetpriv(): boolean {
  setpriv ??= process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0;
  return setpriv;
}
