/** CPU and memory of other processes, from /proc: what a bench reports instead of wall time. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks per second; 100 on every Linux that Node supports. */
const TICKS = 100;

export interface Cpu {
  /** Seconds. */
  readonly user: number;
  readonly system: number;
}

/** CPU used so far by a process and its children, also those that have ended (Postgres forks one per connection, and pools let them go). */
export function cpuOf(pid: number): Cpu {
  return familyOf(pid)
    .map(cpuOfOne)
    .reduce((sum, cpu) => ({ user: sum.user + cpu.user, system: sum.system + cpu.system }), { user: 0, system: 0 });
}

function cpuOfOne(pid: number): Cpu {
  const fields = statOf(pid);
  const [user, system, usersOfEnded, systemsOfEnded] = fields.slice(11, 15).map(Number) as [number, number, number, number];
  return { user: (user + usersOfEnded) / TICKS, system: (system + systemsOfEnded) / TICKS };
}

/** Fields of /proc/<pid>/stat after the command's name, which may hold spaces; zeros once the process is gone. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return Array.from({ length: 20 }, () => '0');
  }
}

function familyOf(pid: number): number[] {
  const others = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(others.map((other) => [other, Number(statOf(other)[1])]));
  const isOurs = (one: number): boolean => one === pid || (one > 1 && isOurs(parents.get(one) ?? 0));
  return others.filter(isOurs);
}

export const since = (before: Cpu, after: Cpu): Cpu => ({ user: after.user - before.user, system: after.system - before.system });
export const sumOf = (cpu: Cpu): number => cpu.user + cpu.system;

/** Resident memory, bytes. */
export function rssOf(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
