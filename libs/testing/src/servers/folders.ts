import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runsAsNobody } from '../postgres/privileges.ts';

const PREFIX = 'veche-server-';

/** A folder of a server of this process; those of processes that are gone are removed on the way. */
export function privateFolder(name: string): string {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-${name}-`));
  giveToNobody(folder);
  return folder;
}

/** Where user namespaces are forbidden, a server really is nobody and must own what it writes. */
export function giveToNobody(path: string): void {
  if (runsAsNobody()) chownSync(path, 65534, 65534);
}

let swept = false;
function sweep(): void {
  if (swept) return;
  swept = true;
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (pid > 0 && !exists(pid)) removeFolder(join(tmpdir(), name));
  }
}

/** A folder of another user stays: it is not ours to remove, and no reason to fail. */
export function removeFolder(path: string): void {
  try {
    // A server that was just killed may still be seen writing.
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch (error) {
    if (!/^(EACCES|EPERM)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
