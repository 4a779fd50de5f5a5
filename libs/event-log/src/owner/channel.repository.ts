/** Rows of `channel` and what is in the log already, as one transaction of the owner sees them. */
import { slotOf } from '@veche/platform-messaging';
import type { Transaction } from '@veche/platform-postgres';
import { int2Array, textArray } from '../log/binary-array.ts';
import { newEpoch } from '../log/epoch.ts';
import { toEvent } from '../log/event-log.ts';
import { CREATE, type EventRow } from '../log/read.statements.ts';
import type { LockedChannel } from '../types.ts';
import type { Admitted } from './admission.rules.ts';
import type { StoredEvent } from './repeats.rules.ts';

/** In id order, whoever locks: two owners of one channel wait for each other and never in a circle. */
export const LOCK = {
  name: 'event-log.lock',
  text: 'SELECT slot, id::text AS id, name, epoch, last_seq FROM channel WHERE name = ANY($1::text[]) ORDER BY channel.id FOR NO KEY UPDATE',
} as const;

/** A statement of its own behind the lock: it sees what the previous holder of the lock committed. `channel + 0`: see APPEND. */
const stored = (name: string, slot: string) => ({
  name,
  text: `
SELECT i.ord, c.epoch, c.name, s.*
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS i(name, actor, command_id, ord) JOIN channel c ON c.name = i.name
CROSS JOIN LATERAL (
  SELECT e.seq, e.id, e.kind, e.actor, e.command_id, e.command, date_part('epoch', e.created_at) AS seconds, e.data::text AS data, e.meta::text AS meta
  FROM event e WHERE e.slot = ${slot} AND e.channel + 0 = c.id AND e.actor = i.actor AND e.command_id = i.command_id LIMIT 1) s`,
});

export const STORED = stored('event-log.stored', 'c.slot');
/** See APPEND_IN_SLOT; $4 is the slot. */
export const STORED_IN_SLOT = stored('event-log.stored-in-slot', '$4::smallint');

const DROP_EMPTY = { name: 'event-log.drop-empty', text: 'DELETE FROM channel WHERE name = ANY($1::text[]) AND last_seq = 0' } as const;

interface StoredRow extends EventRow {
  readonly ord: number;
  readonly epoch: string;
  readonly name: string;
  readonly command: string;
}

export interface OwnedRows {
  readonly channels: ReadonlyMap<string, LockedChannel>;
  /** Events of commands that came before, by the command. */
  readonly stored: ReadonlyMap<Admitted, StoredEvent>;
  /** Channels that this transaction made. */
  readonly created: readonly string[];
}

/** Makes, locks and looks up: three statements sent together, one round trip. */
export async function own(tx: Transaction, commands: readonly Admitted[]): Promise<OwnedRows> {
  const names = [...new Set(commands.map(({ envelope }) => envelope.channel))];
  const creating = [...new Set(commands.filter(({ registered }) => registered.contract.creates).map(({ envelope }) => envelope.channel))];
  const [created, channels, stored] = await together([
    create(tx, creating),
    tx.query<LockedChannel>({ ...LOCK, values: [textArray(names)] }),
    lookUp(tx, commands),
  ]);
  return {
    created: created.map(({ name }) => name),
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    stored: new Map(stored.map((row) => [commands[row.ord - 1] as Admitted, toStored(row)])),
  };
}

/** Like Promise.all, but settles all first: no statement of a failed transaction may still be on its way when it is rolled back. */
async function together<T extends readonly unknown[]>(promises: { readonly [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
}

/** Name order: two transactions that make the same channels wait for each other and never in a circle. */
async function create(tx: Transaction, names: readonly string[]): Promise<readonly { readonly name: string }[]> {
  if (names.length === 0) return [];
  const sorted = names.toSorted();
  return tx.query<{ name: string }>({ ...CREATE, values: [int2Array(sorted.map(slotOf)), textArray(sorted), textArray(sorted.map(newEpoch))] });
}

function lookUp(tx: Transaction, commands: readonly Admitted[]): Promise<readonly StoredRow[]> {
  const values = [
    textArray(commands.map(({ envelope }) => envelope.channel)),
    textArray(commands.map(({ envelope }) => envelope.actor)),
    textArray(commands.map(({ envelope }) => envelope.command_id)),
  ];
  const slots = new Set(commands.map(({ envelope }) => slotOf(envelope.channel)));
  return tx.query<StoredRow>(slots.size === 1 ? { ...STORED_IN_SLOT, values: [...values, ...slots] } : { ...STORED, values });
}

const toStored = (row: StoredRow): StoredEvent => ({ command: row.command, event: { ...toEvent(row.name, row.epoch, row), fresh: false } });

/** A refused command must not leave a channel behind: names are the clients' to choose, rows are ours to keep. */
export async function dropEmpty(tx: Transaction, names: readonly string[]): Promise<void> {
  if (names.length > 0) await tx.query({ ...DROP_EMPTY, values: [textArray(names)] });
}
