/** A history with the lookups that the checks share. */
import type { Entry, History, LogRecord, LostEntry, ReceiveEntry, RevokeEntry, SendEntry, StartEntry } from './history.ts';

export interface Violation {
  /** S1 to S15: see docs/architecture.md. */
  readonly rule: string;
  readonly what: string;
}

export type Check = (history: Indexed) => Iterable<Violation>;

export class Indexed {
  readonly sends: readonly SendEntry[];
  readonly shown: ReadonlyMap<string, readonly ReceiveEntry[]>;
  readonly starts: ReadonlyMap<string, StartEntry>;
  readonly revoked: ReadonlyMap<string, RevokeEntry>;
  readonly lost: readonly LostEntry[];
  readonly logs: ReadonlyMap<string, readonly LogRecord[]>;
  readonly byCommand: ReadonlyMap<string, readonly LogRecord[]>;

  readonly history: History;

  constructor(history: History) {
    this.history = history;
    const of = <F extends Entry['f']>(f: F) => history.entries.filter((entry): entry is Extract<Entry, { f: F }> => entry.f === f);
    this.sends = of('send');
    this.shown = Map.groupBy(of('recv'), readerKey);
    this.starts = new Map(of('start').map((entry) => [readerKey(entry), entry]));
    this.revoked = new Map(of('revoke').map((entry) => [readerKey(entry), entry]));
    this.lost = of('lost');
    this.logs = Map.groupBy(history.log, (record) => record.channel);
    this.byCommand = Map.groupBy(history.log, commandKey);
  }

  at(channel: string, seq: number): LogRecord | undefined {
    return this.logs.get(channel)?.[seq - 1];
  }
}

export const readerKey = (entry: { readonly process: string; readonly channel: string }): string => `${entry.process} ${entry.channel}`;
export const commandKey = (entry: { readonly channel: string; readonly command_id: string }): string => `${entry.channel} ${entry.command_id}`;
