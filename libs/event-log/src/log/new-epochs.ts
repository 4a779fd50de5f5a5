import { directUrl, openDatabase, type Database, type PostgresConfig } from '@veche/platform-postgres';

/** Channels of one transaction: their rows are locked until it commits. */
const BATCH = 5000;

/**
 * 6 random bytes as base64url, as `newEpoch` makes them; the first 6 bytes of a version 4 UUID are random. Random and never old + 1: a second
 * restore to the same moment would give the same numbers again, and a cursor of the first would be believed.
 */
const RENEW = {
  text: `
WITH next AS (SELECT slot, id FROM channel WHERE id > $1 ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE)
UPDATE channel c SET epoch = left(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), 8)
FROM next WHERE c.slot = next.slot AND c.id = next.id RETURNING c.id`,
} as const;

/**
 * Gives every channel a new epoch, for the time after a restore or a promotion that may have lost commits: every cursor from before is then answered
 * with `recovered: false`, and never with other events under the numbers it has seen. Numbering goes on. Interrupted, it may be run again from the start.
 * @returns channels
 */
export async function renewEpochs(database: Database): Promise<number> {
  let channels = 0;
  for (let after = 0; ;) {
    const rows = await database.query<{ id: number }>({ ...RENEW, values: [after] });
    channels += rows.length;
    if (rows.length < BATCH) return channels;
    after = rows.reduce((highest, { id }) => Math.max(highest, id), after);
  }
}

const WARNING = `new-epochs gives every channel a new epoch: every client reloads instead of resuming. It belongs behind a restore from a backup, and behind a
promotion that may have lost commits, before any process of Veche starts; nowhere else. To do it: new-epochs --yes`;

/** The verb of apps/migrate. @returns for people: what was done. @throws Error, with what to do, unless they say that they mean it */
export async function newEpochs(config: PostgresConfig, words: readonly string[]): Promise<string> {
  if (!words.includes('--yes')) throw new Error(WARNING);
  const opened = await openDatabase({ ...config, PG_URL: directUrl(config), PG_REPLICA_URLS: [] });
  try {
    return `${await renewEpochs(opened.database)} channels have a new epoch`;
  } finally {
    await opened.close();
  }
}
