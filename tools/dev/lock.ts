import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, isAlive, type ProcessIdentity } from './processes.ts';
import { codeOf, Refusal } from './refusal.ts';

/** What the lock file says; written by its holder. */
export interface Holder {
  readonly owner: ProcessIdentity;
  readonly port: number;
  /** The server and the database, so that the next start can end what a killed one left running. */
  readonly children: readonly ProcessIdentity[];
}

export interface Lock {
  /** What the previous holder, which was killed, may have left running. */
  readonly leftovers: readonly ProcessIdentity[];
  noteChildren(children: readonly ProcessIdentity[]): void;
  release(): void;
}

/**
 * Takes the lock of a data folder: a file that names its holder, which counts only while that very process lives.
 * @throws Refusal when another start holds it
 */
export function takeLock(path: string, port: number): Lock {
  const mine: Holder = { owner: identityOf(process.pid), port, children: [] };
  const write = (holder: Holder) => {
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(holder));
    renameSync(draft, path);
  };
  const leftovers = claim(path, mine);
  return { leftovers, noteChildren: (children) => write({ ...mine, children }), release: () => rmSync(path, { force: true }) };
}

function claim(path: string, mine: Holder): readonly ProcessIdentity[] {
  const found = read(path);
  if (found && isAlive(found.owner)) throw taken(path, found);
  if (existsSync(path)) removeStale(path, found);
  create(path, mine);
  return found?.children ?? [];
}

/** Moved aside first and looked at again: of two starts that both saw the stale file, one must not remove the other's new one. */
function removeStale(path: string, seen: Holder | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (moved && isAlive(moved.owner) && moved.owner.pid !== seen?.owner.pid) {
    linkSync(aside, path);
    rmSync(aside);
    throw taken(path, moved);
  }
  rmSync(aside);
}

/** A link appears with its content and only once; a file that is created and then filled could be read half written. */
function create(path: string, holder: Holder): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(path, read(path) ?? holder);
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** A file that cannot be read as a lock was cut short by a crash: nobody holds it. */
function read(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder | null;
    return holder?.owner && holder.children ? holder : undefined;
  } catch {
    return undefined;
  }
}

const taken = (path: string, { owner, port }: Holder): Refusal =>
  new Refusal(
    `Veche already runs on this data: process ${owner.pid}, http://127.0.0.1:${port}. Use that one, stop it (Ctrl-C there, or kill ${owner.pid}), or start another beside it with --data DIR --port N. (${path})`,
  );
