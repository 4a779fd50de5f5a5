/** A database of its own with the log's schema, and short ways to append. */
import { type Appended, EventLog, eventLogMigrations, type LockedChannel, type NewEvent } from '@veche/event-log';
import { type Database, isRetryable, migrate, openDatabase } from '@veche/platform-postgres';
import { createDatabase } from '@veche/testing';

export interface Ground {
  readonly url: string;
  readonly database: Database;
  readonly log: EventLog;
  close(): Promise<void>;
}

const template = { name: 'event-log', prepare: async (url: string) => void (await migrate(url, eventLogMigrations)) };

export async function openGround(settings: Partial<Parameters<typeof openDatabase>[0]> = {}): Promise<Ground> {
  const created = await createDatabase(template);
  const { database, close } = await openDatabase({ PG_URL: created.url, ...settings });
  return {
    url: created.url,
    database,
    log: new EventLog(database),
    close: async () => {
      await close();
      await created.drop();
    },
  };
}

/** What a test says of an event; the rest is filled in. */
export interface Item {
  readonly channel: string;
  readonly id: string;
  readonly actor?: string;
  readonly data?: string;
  readonly meta?: string | null;
  readonly command?: string;
}

export async function channelsOf({ database }: Pick<Ground, 'database'>, names: readonly string[]): Promise<Map<string, LockedChannel>> {
  const rows = await database.query<LockedChannel>({
    text: 'SELECT slot, id::text AS id, name, epoch, last_seq FROM channel WHERE name = ANY($1)',
    values: [names],
  });
  return new Map(rows.map((row) => [row.name, row]));
}

export const toEvents = (items: readonly Item[], channels: ReadonlyMap<string, LockedChannel>): NewEvent[] =>
  items.map(({ channel, id, actor, data, meta, command }) => ({
    channel: channels.get(channel) as LockedChannel,
    kind: 'chat.message-sent.v1',
    actor: actor ?? 'alice',
    command_id: id,
    command: command ?? 'chat.send-message',
    data: data ?? JSON.stringify({ text: id }),
    meta: meta ?? null,
  }));

/** Makes the channels, then appends in one transaction, run again on a twin or a deadlock as the owner does. */
export async function appendItems(
  ground: Pick<Ground, 'database' | 'log'>,
  items: readonly Item[],
  onRetry: () => void = () => undefined,
): Promise<readonly Appended[]> {
  const names = [...new Set(items.map(({ channel }) => channel))];
  let channels = await channelsOf(ground, names);
  for (const name of names) if (!channels.has(name)) await ground.log.open(name);
  channels = await channelsOf(ground, names);
  for (;;) {
    try {
      return await ground.database.transaction(
        async (tx) => {
          await tx.query({ text: 'SELECT FROM channel WHERE name = ANY($1) ORDER BY id FOR NO KEY UPDATE', values: [names] });
          return ground.log.append(tx, toEvents(items, channels));
        },
        { planner: 'indexed' },
      );
    } catch (error) {
      if (!isRetryable(error)) throw error;
      onRetry();
    }
  }
}

/** The whole log of a channel, read page by page. */
export async function readAll(
  { log }: Pick<Ground, 'log'>,
  channel: string,
  limit = 300,
): Promise<{ seq: number; command_id: string; actor: string; data: string }[]> {
  const all: { seq: number; command_id: string; actor: string; data: string }[] = [];
  for (let after = 0; ;) {
    const page = await log.read(channel, { after, limit });
    if (!page || page.events.length === 0) return all;
    all.push(...page.events);
    after = page.events.at(-1)?.seq ?? after;
  }
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
