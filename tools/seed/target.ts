/** Which database: of PG_URL, of the `npm start` that is running, or of its data folder, started for the occasion. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { postgresBinaries } from '@veche/testing';
import { checkFolder, openFolder } from '../dev/data-folder.ts';
import { runningDatabase, startDatabase } from '../dev/database.ts';
import { takeLock } from '../dev/lock.ts';
import { endProcess, identityOf } from '../dev/processes.ts';

export interface Target {
  readonly url: string;
  /** In words, for the terminal. */
  readonly where: string;
  readonly release: () => Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** @throws Refusal as `npm start` does for a folder that it cannot use */
export async function target(pgUrl: string | undefined, dataFolder: string): Promise<Target> {
  if (pgUrl) return { url: pgUrl, where: 'the database of PG_URL', release: nothing };
  const url = existsSync(join(dataFolder, 'running.json')) ? runningDatabase(openFolder(dataFolder)) : undefined;
  if (url !== undefined) return { url, where: `${dataFolder}, which is running`, release: nothing };
  return startForNow(dataFolder);
}

async function startForNow(path: string): Promise<Target> {
  const folder = openFolder(path);
  const lock = takeLock(folder.lock, 0);
  try {
    checkFolder(folder, postgresBinaries().major);
    for (const left of lock.leftovers) await endProcess(left, 'SIGTERM', 10_000);
    const server = await startDatabase(folder);
    lock.noteChildren([identityOf(server.pid)]);
    return { url: server.url, where: path, release: () => server.stop().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}
