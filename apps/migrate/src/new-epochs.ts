import { renewEpochs } from '@veche/event-log';
import { directUrl, openDatabase, type PostgresConfig } from '@veche/platform-postgres';

const WARNING = `new-epochs gives every channel a new epoch: every client reloads instead of resuming. It belongs behind a restore from a backup, and behind a
promotion that may have lost commits, before any process of Veche starts; nowhere else. To do it: new-epochs --yes`;

/** For people: what was done. @throws Error, with what to do, unless they said that they mean it */
export async function newEpochs(config: PostgresConfig, words: readonly string[]): Promise<string> {
  if (!words.includes('--yes')) throw new Error(WARNING);
  const { database, close } = await openDatabase({ ...config, PG_URL: directUrl(config), PG_REPLICA_URLS: [] });
  try {
    return `${await renewEpochs(database)} channels have a new epoch`;
  } finally {
    await close();
  }
}
