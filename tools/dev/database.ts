import { existsSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { initialisePostgres, postgresUrl, startPostgres, type PostgresServer } from '@veche/testing';
import { databasePasswordIn, type DataFolder, full, roomMb } from './data-folder.ts';
import { endProcess, identityOf, isAlive } from './processes.ts';
import { messageOf, Refusal } from './refusal.ts';

/** For two people and a page; a cluster brings its own database. */
export const SETTINGS = {
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  log_min_messages: 'warning',
  // The replica of `npm run start:distributed` that was killed asks for no more than this when the database runs without it.
  max_slot_wal_keep_size: '256MB',
};
/** What a server that was killed a moment ago leaves for another moment. */
const FOR_A_MOMENT = /pre-existing shared memory block|lock file "postmaster.pid" already exists|could not bind/;
const PATIENCE_MS = 15_000;

/** Starts the embedded Postgres on the folder, made on first use; what a killed one left behind is cleared first. */
export async function startDatabase(folder: DataFolder, port?: number): Promise<PostgresServer> {
  await prepareDatabase(folder);
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await startPostgres({
        dataDir: folder.postgres,
        password: databasePasswordIn(folder),
        durable: !folder.ephemeral,
        settings: SETTINGS,
        startTimeoutMs: 600_000,
        ...(port ? { port } : {}),
      });
    } catch (error) {
      if (!FOR_A_MOMENT.test(messageOf(error)) || performance.now() > end) throw explained(folder, error);
      await pause(250);
    }
  }
}

/** Makes the files on first use; ends what a killed start left running on them. */
export async function prepareDatabase(folder: DataFolder): Promise<void> {
  if (!existsSync(folder.postgres)) await makeDatabase(folder);
  await clearPostmaster(folder.postgres);
}

/** Made beside its place and moved there when it is whole: a first start that is killed leaves nothing half made. */
async function makeDatabase(folder: DataFolder): Promise<void> {
  const draft = `${folder.postgres}.new`;
  rmSync(draft, { recursive: true, force: true });
  try {
    await initialisePostgres({ dataDir: draft, password: databasePasswordIn(folder), durable: !folder.ephemeral });
    renameSync(draft, folder.postgres);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw explained(folder, error);
  }
}

export function explained(folder: DataFolder, error: unknown): Error {
  if (/No space left on device/.test(messageOf(error))) return full(folder.path, roomMb(folder.path));
  return new Refusal(`the database in ${folder.path} does not start. ${messageOf(error)}`);
}

/**
 * We hold the folder's lock, so a server on it is one whose owner was killed: it is ended. A postmaster.pid whose number
 * now belongs to some other program (after a reboot, in a restarted container) would make Postgres refuse: it is removed.
 */
async function clearPostmaster(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const left = identityOf(Number.parseInt(readFileSync(file, 'utf8'), 10));
  if (!isAlive(left)) return;
  if (runsIn(left.pid, dataDir) === false) return rmSync(file);
  if (!(await endProcess(left, 'SIGINT', PATIENCE_MS)))
    throw new Refusal(`the database process ${left.pid} of an earlier start does not end: kill it, then start again`);
}

/** Undefined where the system does not tell. */
function runsIn(pid: number, dataDir: string): boolean | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataDir;
  } catch {
    return undefined;
  }
}

/** Of the server that runs on the folder now, for a tool beside `npm start`; undefined when none does. */
export function runningDatabase(folder: DataFolder): string | undefined {
  const file = join(folder.postgres, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  // Postgres writes its process id in the first line, its port in the fourth.
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n').map(Number);
  return pid && port && isAlive(identityOf(pid)) ? postgresUrl(port, databasePasswordIn(folder)) : undefined;
}
