import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly born: string;
}

export const identityOf = (pid: number): ProcessIdentity => ({ pid, born: bornAt(pid) ?? '' });

/** False also for a zombie: it holds no file and no port. */
export const isAlive = ({ pid, born }: ProcessIdentity): boolean => bornAt(pid) === born;

const BOOT = '/proc/sys/kernel/random/boot_id';

function bornAt(pid: number): string | undefined {
  if (!existsSync(BOOT)) return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses of its own: count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${readFileSync(BOOT, 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Asks a process to end, then makes it; resolves when it is gone, false when it would not go. */
export async function endProcess(target: ProcessIdentity, signal: NodeJS.Signals, patienceMs: number): Promise<boolean> {
  for (const [name, ms] of [
    [signal, patienceMs],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!send(target, name)) return true;
    if (await gone(target, ms)) return true;
  }
  return false;
}

function send(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(target)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch {
    return isAlive(target);
  }
}

/** Not our child, so nobody tells us when it ends: looked at every 50 ms. */
async function gone(target: ProcessIdentity, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await pause(50)) if (!isAlive(target)) return true;
  return !isAlive(target);
}
