/** What travels on the bus around a message's data. */
import type { ErrorName } from './errors.ts';

export interface CommandEnvelope {
  readonly kind: string;
  readonly channel: string;
  readonly actor: string;
  readonly command_id: string;
  /** Parsed and already validated by the door; the owner validates again. */
  readonly data: unknown;
  /** JSON text carried beside the event (publisher's info, tags), or null. */
  readonly meta: string | null;
  /** Milliseconds since 1970; past it the command is dropped and its outcome reported unknown. */
  readonly deadline: number;
  /** W3C trace context of the send, if it is traced; stamped by the bus, never by a door. */
  readonly traceparent?: string;
}

/** Leaves after the commit and never before. */
export interface CommandDone {
  readonly ok: true;
  /** The event's id; null when the command changed nothing (a marker that does not advance). */
  readonly id: string | null;
  readonly seq: number;
  readonly epoch: string;
  readonly ts: number;
}

/** Certainly not applied, except `outcome_unknown`, which says that nobody knows: send it again with the same `command_id`. */
export interface Refusal {
  readonly ok: false;
  readonly error: ErrorName;
  /** Says what to do; shown to the client. */
  readonly message: string;
  readonly retry_after_ms?: number;
}

export type CommandReply = CommandDone | Refusal;

export const refusal = (error: ErrorName, message: string): Refusal => ({ ok: false, error, message });
