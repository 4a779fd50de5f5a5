import { Injectable } from '@nestjs/common';
import type { ChannelEvent } from '@veche/contracts';
import { slotOf } from '@veche/platform-messaging';
import { Database, type Statement, type Transaction } from '@veche/platform-postgres';
import type { Appended, LogPage, NewEvent, PageRequest, Position } from '../types.ts';
import { append } from './append.ts';
import { int2Array, int8Array, textArray } from './binary-array.ts';
import { newEpoch } from './epoch.ts';
import { CREATE, type EventRow, HEADS, PAGE_AFTER, PAGE_BEFORE, type PageRow, POSITION, POSITIONS } from './read.statements.ts';

const MAX_LIMIT = 1000;

/** The log of every channel: append under the owner's transaction, read from anywhere. */
@Injectable()
export class EventLog {
  constructor(private readonly database: Database) {}

  /** See `append`: one statement for the batch, duplicates answered with what they already have. */
  append(tx: Transaction, events: readonly NewEvent[]): Promise<readonly Appended[]> {
    return append(tx, events);
  }

  /**
   * One page, ascending; `undefined` when there is no such channel. A cursor older than `first_seq - 1` has lost events to the trim:
   * the caller must say so (`recovered: false`), the page then begins at `first_seq`.
   */
  async read(channel: string, request: PageRequest): Promise<LogPage | undefined> {
    const statement = { ...(request.after === undefined ? PAGE_BEFORE : PAGE_AFTER), values: pageValues(channel, request) };
    const rows = (await this.fromReplica(statement, committed(request))) ?? (await this.database.read<PageRow>(statement, { fresh: true }));
    const page = toPage(channel, rows);
    return page && request.after !== undefined && request.kept?.ttl_ms !== undefined ? withoutExpired(page, request.after) : page;
  }

  /** Those of the known positions that are not true any more, as they are now; channels that do not exist are left out. One statement for all. */
  async positions(known: readonly Position[]): Promise<readonly Position[]> {
    if (!this.database.hasReplicas) return this.database.read<Position>(changedSince(known), { fresh: true });
    // Without an epoch nothing is known of the channel: a replica may not have heard of it.
    const [asked, believed] = [known.filter(({ epoch }) => epoch === ''), known.filter(({ epoch }) => epoch !== '')];
    const changed = believed.length > 0 ? await this.database.read<Position>(changedSince(believed)) : [];
    const names = new Set(changed.map(({ channel }) => channel));
    // What a replica tells may be older than what is known, or newer than what is committed: the primary has the word.
    const doubtful = [...asked, ...believed.filter(({ channel }) => names.has(channel))];
    return doubtful.length > 0 ? this.database.read<Position>(changedSince(doubtful), { fresh: true }) : [];
  }

  /**
   * For a sweep over all channels of one namespace: at most `limit` of them in the order of their names, from the one behind `after` on
   * ('' begins). Of the primary: a replica may have heads that are not committed.
   */
  heads(namespace: string, after: string, limit: number): Promise<readonly Position[]> {
    // The character behind the colon: names are compared as bytes.
    return this.database.read<Position>({ ...HEADS, values: [after === '' ? `${namespace}:` : after, `${namespace};`, limit] }, { fresh: true });
  }

  /** Where the log of a channel stands, its row made if there was none. */
  async open(channel: string): Promise<Position> {
    const known = await this.position(channel);
    if (known) return known;
    await this.database.query({ ...CREATE, values: [int2Array([slotOf(channel)]), textArray([channel]), textArray([newEpoch()])] });
    return (await this.position(channel)) as Position;
  }

  /** Where the log of a channel stands; `undefined` when it does not exist. Asks the primary. */
  async position(channel: string): Promise<Position | undefined> {
    const rows = await this.database.read<Position>({ ...POSITION, values: [channel] }, { fresh: true });
    return rows[0];
  }

  /** The rows up to `bound`; `undefined` when a replica cannot be asked or has not seen that far. */
  private async fromReplica(statement: Statement, bound: number | undefined): Promise<readonly PageRow[] | undefined> {
    if (!this.database.hasReplicas || bound === undefined) return undefined;
    const rows = await this.database.read<PageRow>(statement);
    const [first] = rows;
    if (!first || first.last_seq < bound) return undefined;
    const within = rows.filter(({ seq }) => seq === null || seq <= bound);
    return within.length > 0 ? within.map((row) => ({ ...row, last_seq: bound })) : undefined;
  }
}

const changedSince = (known: readonly Position[]) => ({
  ...POSITIONS,
  values: [textArray(known.map(({ channel }) => channel)), textArray(known.map(({ epoch }) => epoch)), int8Array(known.map(({ seq }) => seq))],
});

/**
 * Up to where a page may come from a replica. A replica may be late, and it may be early: it shows what the primary has written and still waits
 * to be replicated elsewhere, which is gone if the primary is lost then. So it answers for what is known to be committed and no further.
 */
function committed({ after, before, atLeast = 0 }: PageRequest): number | undefined {
  if (after !== undefined) return atLeast > after ? atLeast : undefined;
  return before !== undefined && before < Number.MAX_SAFE_INTEGER ? Math.max(before - 1, atLeast) : undefined;
}

function pageValues(channel: string, { after, before, limit, maxBytes, kept }: PageRequest): unknown[] {
  const count = Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT);
  return [
    channel,
    slotOf(channel),
    after ?? before ?? Number.MAX_SAFE_INTEGER,
    count,
    maxBytes ?? Number.MAX_SAFE_INTEGER,
    kept?.size ?? null,
    kept?.ttl_ms ?? null,
  ];
}

function toPage(channel: string, rows: readonly PageRow[]): LogPage | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const { epoch, first_seq, last_seq } = first;
  return { epoch, first_seq, last_seq, events: rows.filter(({ seq }) => seq !== null).map((row) => toEvent(channel, epoch, row)) };
}

/** Events that have outlived their time were left out from the front: the page says where what is left begins. */
function withoutExpired(page: LogPage, after: number): LogPage {
  const begins = page.events[0]?.seq ?? page.last_seq + 1;
  return begins > after + 1 ? { ...page, first_seq: Math.max(page.first_seq, begins) } : page;
}

export const toEvent = (channel: string, epoch: string, { seq, seconds, ...row }: EventRow): ChannelEvent => ({
  channel,
  epoch,
  seq: seq as number,
  id: row.id,
  kind: row.kind,
  actor: row.actor,
  command_id: row.command_id,
  ts: Math.floor(seconds * 1000),
  data: row.data,
  meta: row.meta,
});
