import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** The process and all below it, parents first. Process groups do not do: Postgres gives each backend a session of its own. */
export function processTree(root: number): number[] {
  // 0 would be everything that the kernel started.
  if (root <= 1) return [];
  const children = Map.groupBy(allProcesses(), ({ parent }) => parent);
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []).map((child) => child.pid));
  return tree;
}

/** Those that are gone meanwhile are passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** False also for a zombie: it holds no file and no port. */
export function runs(pid: number): boolean {
  const found = HAS_PROC ? statOf(pid) : allProcesses().find((each) => each.pid === pid);
  return found !== undefined && !found.state.startsWith('Z');
}

const HAS_PROC = existsSync('/proc/self/stat');

function allProcesses(): readonly Stat[] {
  if (!HAS_PROC) return listed();
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses of its own: count from its end.
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function listed(): Stat[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,state='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 3)
    .map(([pid, parent, state = '']) => ({ pid: Number(pid), parent: Number(parent), state }));
}
