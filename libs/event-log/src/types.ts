/** The language of the log and of the owner loop. */
import type { ChannelEvent, CommandEnvelope, ErrorName, Signal } from '@veche/contracts';
import type { Transaction } from '@veche/platform-postgres';
import type { KeptHistory } from './retention/retention.ts';

/** Where a channel's log stands. */
export interface Position {
  readonly channel: string;
  readonly epoch: string;
  /** Top of the log; 0 when empty. */
  readonly seq: number;
}

/** Which page of a channel to read; without `after` and `before` the newest. */
export interface PageRequest {
  /** Events behind this seq, oldest first. */
  readonly after?: number;
  /** Events in front of this seq: the newest of them. */
  readonly before?: number;
  /** Events of the page, 1 to 1000. */
  readonly limit: number;
  /** Bytes of `data` and `meta` of the page; the first event is given whatever its size. */
  readonly maxBytes?: number;
  /** A seq that is known to be committed: up to it a replica may answer, if it has seen it; without one the primary does. */
  readonly atLeast?: number;
  /** Shows nothing beyond it, whether the trim has been there or not; absent: whatever the log holds. */
  readonly kept?: KeptHistory | undefined;
}

/** A channel row held under its lock by the current transaction. */
export interface LockedChannel {
  readonly slot: number;
  readonly id: string;
  readonly name: string;
  readonly epoch: string;
  readonly last_seq: number;
}

/** One event to append. */
export interface NewEvent {
  readonly channel: LockedChannel;
  readonly kind: string;
  readonly actor: string;
  readonly command_id: string;
  /** Kind of the command, without its version: a `command_id` used again for something else is noticed by it. */
  readonly command: string;
  /** JSON text. */
  readonly data: string;
  readonly meta: string | null;
}

/** An event of the log; `fresh` is false when the command had been appended before and this is its stored row. */
export interface Appended extends ChannelEvent {
  readonly fresh: boolean;
}

/** A page of the log, ascending. */
export interface LogPage {
  readonly epoch: string;
  /** Oldest seq still held; 1 unless trimmed. */
  readonly first_seq: number;
  readonly last_seq: number;
  readonly events: readonly ChannelEvent[];
}

/** A command in the hands of its handler: its channel is locked and no earlier copy of it is in the log. */
export interface OwnedCommand<D = unknown> {
  readonly envelope: CommandEnvelope & { readonly data: D };
  readonly channel: LockedChannel;
}

/** The commands of one kind from one batch, in order per channel. */
export interface CommandBatch<D = unknown> {
  readonly commands: readonly OwnedCommand<D>[];
  readonly tx: Transaction;
}

/** What a handler decided for one command. */
export type Decision =
  | { readonly append: { readonly kind: string; readonly data: string; readonly meta?: string | null } }
  | { readonly refuse: ErrorName; readonly message: string }
  /** Nothing to change (a marker that does not advance): answered ok with id null. */
  | 'unchanged';

/** A handler's answer for its batch. */
export interface Verdict {
  /** One for each command, in order. */
  readonly decisions: readonly Decision[];
  /** Writes projections in the same transaction, given the fresh events of this handler in order. */
  readonly project?: (events: readonly Appended[]) => Promise<void>;
  /** Sent after the commit. */
  readonly signals?: (events: readonly Appended[]) => readonly Signal[];
}

export type CommandHandler<D = unknown> = (batch: CommandBatch<D>) => Promise<Verdict>;
