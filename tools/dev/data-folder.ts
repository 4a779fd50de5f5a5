import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isAlive } from './processes.ts';
import { codeOf, messageOf, Refusal } from './refusal.ts';

/** Raised when files move within the folder; a start refuses every other number. */
export const LAYOUT = 1;
/** A new database takes 45 MB, its first WAL segments 80 more. */
const NEEDED_FOR_NEW_MB = 300;
/** Below it Postgres soon stops in the middle of its work. */
const NEEDED_TO_RUN_MB = 64;
const EPHEMERAL = 'veche-ephemeral-';

export interface DataFolder {
  readonly path: string;
  readonly postgres: string;
  readonly lock: string;
  readonly log: string;
  readonly ephemeral: boolean;
}

const folderAt = (path: string, ephemeral: boolean): DataFolder => ({
  path,
  postgres: join(path, 'postgres'),
  lock: join(path, 'running.json'),
  log: join(path, 'veche.log'),
  ephemeral,
});

/** A folder that is removed at the end; those of starts that were killed are removed now. */
export function ephemeralFolder(): DataFolder {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(EPHEMERAL) ? Number.parseInt(name.slice(EPHEMERAL.length), 10) : Number.NaN;
    if (pid > 0 && !isAlive(identityOf(pid))) removeIfOurs(join(tmpdir(), name));
  }
  return folderAt(mkdtempSync(join(tmpdir(), `${EPHEMERAL}${process.pid}-`)), true);
}

/** That of another user stays: it is not ours to remove, and no reason to fail. */
function removeIfOurs(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
  }
}

/** Makes the folder if it is not there and tries to write in it. Nothing that is in it is touched. */
export function openFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const probe = join(path, `.probe-${process.pid}`);
    writeFileSync(probe, 'x');
    rmSync(probe);
  } catch (error) {
    throw unwritable(path, error);
  }
  return folderAt(path, false);
}

function unwritable(path: string, error: unknown): Refusal {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return full(path, 0);
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return new Refusal(`${path} cannot be the data folder, because it or a part of its path is a file: choose another with --data DIR`);
  return new Refusal(`the data folder ${path} cannot be written (${code ?? messageOf(error)}): let this user write there, or choose another with --data DIR`);
}

/**
 * Refuses a folder of somebody else, of another layout, of another Postgres, and a disk without room; marks a new one as ours.
 * @param major of the Postgres that would run on it
 */
export function checkFolder({ path, postgres }: DataFolder, major: number): void {
  const marker = join(path, 'veche.json');
  const isNew = !existsSync(marker);
  if (isNew && existsSync(postgres))
    throw new Refusal(`${path} holds a database but no veche.json, so it was not made by Veche: choose another folder with --data DIR`);
  if (isNew && foreign(path).length > 0)
    throw new Refusal(`${path} is not empty (${foreign(path).slice(0, 3).join(', ')} …) and was not made by Veche: choose another folder with --data DIR`);
  if (!isNew) checkLayout(path, marker);
  checkMajor(path, postgres, major);
  checkRoom(path, existsSync(postgres) ? NEEDED_TO_RUN_MB : NEEDED_FOR_NEW_MB);
  if (isNew) writeWhole(marker, `${JSON.stringify({ layout: LAYOUT, postgres: major })}\n`);
}

const OURS = /^(running\.json.*|veche\.json\..*|lost\+found)$/;
const foreign = (path: string): string[] => readdirSync(path).filter((name) => !OURS.test(name));

function checkLayout(path: string, marker: string): void {
  const layout = layoutOf(marker);
  if (layout === LAYOUT) return;
  if (layout === undefined)
    throw new Refusal(
      `${marker} is damaged: it should read {"layout":${LAYOUT},…}. Nothing was touched; restore it from a backup, or choose another folder with --data DIR`,
    );
  const age = layout > LAYOUT ? 'a newer' : 'an older';
  throw new Refusal(
    `${path} was made by ${age} version of Veche (layout ${layout}, this version reads ${LAYOUT}). Nothing was touched: start that version, or choose another folder with --data DIR`,
  );
}

function layoutOf(marker: string): number | undefined {
  try {
    const { layout } = JSON.parse(readFileSync(marker, 'utf8')) as { layout?: unknown };
    return typeof layout === 'number' ? layout : undefined;
  } catch {
    return undefined;
  }
}

function checkMajor(path: string, postgres: string, major: number): void {
  const file = join(postgres, 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = Number.parseInt(readFileSync(file, 'utf8'), 10);
  if (found === major) return;
  const which = found > major ? 'newer' : 'older';
  throw new Refusal(
    `the database in ${path} was made by Postgres ${found}, ${which} than the ${major} that comes with this version. Nothing was touched: ` +
      `dump it with the version of Veche that made it (pg_dump), or choose another folder with --data DIR and load the dump there`,
  );
}

/** @returns megabytes that this user may still write on the folder's disk */
export function roomMb(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return Math.floor((bavail * bsize) / 1_048_576);
}

function checkRoom(path: string, needed: number): void {
  const room = roomMb(path);
  if (room < needed) throw full(path, room, needed);
}

export const full = (path: string, roomLeft: number, needed = NEEDED_TO_RUN_MB): Refusal =>
  new Refusal(
    `the disk of ${path} is full: ${roomLeft} MB are left and ${needed} MB are needed. What was committed is safe; free some space, or choose another folder with --data DIR`,
  );

/** The key of this installation's backends. */
export const apiKeyIn = (folder: DataFolder): string => secretIn(folder, 'api-key');

/** Of the database's superuser: others who use this machine reach its port, but not the data. */
export const databasePasswordIn = (folder: DataFolder): string => secretIn(folder, 'database-password');

/** Made once, readable by its owner only. */
function secretIn({ path }: DataFolder, name: string): string {
  const file = join(path, name);
  if (!existsSync(file)) writeWhole(file, `${randomBytes(24).toString('base64url')}\n`);
  return readFileSync(file, 'utf8').trim();
}

/** Whole or not at all, whenever the process is killed. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
