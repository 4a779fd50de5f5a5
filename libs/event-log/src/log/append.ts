/** Appends a batch of events of mixed channels in one statement. */
import { VecheError } from '@veche/contracts';
import { sqlState, type Statement, type Transaction } from '@veche/platform-postgres';
import type { Appended, NewEvent } from '../types.ts';
import { APPEND, APPEND_IN_SLOT, type AppendRow } from './append.statement.ts';
import { int2Array, int4Array, int8Array, jsonArray, textArray, uuidArray } from './binary-array.ts';
import { uuidV7 } from './uuid-v7.ts';

const NOT_NULL_VIOLATION = '23502';

/**
 * Appends in the order given; answers one event for each input, in that order. A `(channel, actor, command_id)` that is in the log,
 * or earlier in the batch, is answered with the event it already has. The channels' rows stay locked until the transaction ends.
 * @throws VecheError `unknown_channel` when a channel's row is gone; SQL errors 23505, 40001, 40P01: run the transaction again.
 */
export async function append(tx: Transaction, events: readonly NewEvent[]): Promise<readonly Appended[]> {
  if (events.length === 0) return [];
  const { unique, places } = withoutRepeats(events);
  const ids = unique.map(() => uuidV7());
  const rows = await tx.query<AppendRow>(appending(unique, ids)).catch((error: unknown) => {
    throw sqlState(error) === NOT_NULL_VIOLATION ? new VecheError('unknown_channel', 'the channel does not exist any more') : error;
  });
  const appended = Array.from<Appended>({ length: unique.length });
  for (const row of rows) appended[row.ord - 1] = toAppended(row, unique[row.ord - 1] as NewEvent, ids[row.ord - 1] as string);
  return places.map((place, index) => answer(appended[place] as Appended, unique[place] === events[index]));
}

const answer = (event: Appended, first: boolean): Appended => (first ? event : { ...event, fresh: false });

/** `places[i]`: where the first event with the key of `events[i]` stands in `unique`. The statement itself sees only what was committed before. */
function withoutRepeats(events: readonly NewEvent[]): { readonly unique: NewEvent[]; readonly places: number[] } {
  const seen = new Map<string, number>();
  const unique: NewEvent[] = [];
  const places = events.map((event) => {
    const key = `${event.channel.id}\n${event.command_id}\n${event.actor}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    seen.set(key, unique.length);
    return unique.push(event) - 1;
  });
  return { unique, places };
}

function appending(events: readonly NewEvent[], ids: readonly string[]): Statement {
  const values = parameters(events, ids);
  const slot = (events[0] as NewEvent).channel.slot;
  return events.every(({ channel }) => channel.slot === slot) ? { ...APPEND_IN_SLOT, values: [...values, slot] } : { ...APPEND, values };
}

function parameters(events: readonly NewEvent[], ids: readonly string[]): readonly unknown[] {
  const places = new Map<string, number>();
  for (const { channel } of events) if (!places.has(channel.id)) places.set(channel.id, places.size + 1);
  return [
    int2Array(events.map(({ channel }) => channel.slot)),
    int8Array(events.map(({ channel }) => channel.id)),
    int4Array(events.map(({ channel }) => places.get(channel.id) as number)),
    uuidArray(ids),
    textArray(events.map(({ kind }) => kind)),
    textArray(events.map(({ actor }) => actor)),
    textArray(events.map(({ command_id }) => command_id)),
    textArray(events.map(({ command }) => command)),
    jsonArray(events.map(({ data }) => data)),
    jsonArray(events.map(({ meta }) => meta)),
    places.size,
  ];
}

function toAppended(row: AppendRow, event: NewEvent, id: string): Appended {
  // Answered from the stored row and never from what was sent again: the first body is the one everybody saw.
  const fresh = row.id === null;
  const stored =
    row.id === null
      ? { id, kind: event.kind, data: event.data, meta: event.meta }
      : { id: row.id, kind: row.kind as string, data: row.data as string, meta: row.meta };
  return {
    channel: event.channel.name,
    epoch: event.channel.epoch,
    seq: row.seq,
    actor: event.actor,
    command_id: event.command_id,
    ts: Math.floor(row.seconds * 1000),
    fresh,
    ...stored,
  };
}
