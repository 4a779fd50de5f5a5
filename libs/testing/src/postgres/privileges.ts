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
 * and is told to stop (SIGINT: fast shutdown) by the kernel when its parent dies, be it by SIGKILL.
 */
export function unprivileged(command: CommandLine): CommandLine {
  if (process.platform !== 'linux') return command;
  if (process.getuid?.() !== 0) return hasName() ? tied(command) : nobodysName(command);
  return namespacesAllowed() ? inNamespace(tied(command)) : asNobody(command);
}

/** initdb asks for the name of its user; a user of a container may be a mere number. */
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

const nobodysName = (command: CommandLine): CommandLine => (namespacesAllowed() ? inNamespace(tied(command)) : tied(command));

const tied = ({ file, args }: CommandLine): CommandLine => (hasSetpriv() ? { file: 'setpriv', args: ['--pdeathsig', 'INT', file, ...args] } : { file, args });

/** Root is shown as nobody to the process inside; its files stay root's, so a checkout below a 0700 home works. */
const inNamespace = ({ file, args }: CommandLine): CommandLine => ({
  file: 'unshare',
  args: ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, file, ...args],
});

/** Only where user namespaces are forbidden: data folder and binaries must then be readable by nobody. */
const asNobody = ({ file, args }: CommandLine): CommandLine => ({
  file: 'setpriv',
  args: [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--pdeathsig', 'INT', file, ...args],
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
  setpriv ??= spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0;
  return setpriv;
}
