/** A history of a run: what every client did and saw, and the log at the end. Words as in Jepsen: invoke, ok, fail, info (= unknown). */
import { createHash } from 'node:crypto';

export interface SendEntry {
  readonly f: 'send';
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** The sender; its invocations are in the order of its session. */
  readonly process: string;
  readonly channel: string;
  readonly command_id: string;
  /** Of the payload, on invoke. */
  readonly hash?: string;
  /** On ok. */
  readonly seq?: number;
  /** The connection that it was pipelined on, in the order of the invocations; absent for senders that wait for each answer. */
  readonly session?: string;
  /** On ok: which resend was answered, 1 at first. */
  readonly attempt?: number;
  /** Monotonic; one clock for all processes. */
  readonly t: number;
}

export interface ReceiveEntry {
  readonly f: 'recv';
  /** The subscriber: one cursor, whatever transports and connections it used. */
  readonly process: string;
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly hash: string;
  readonly t: number;
}

/** From where a subscriber is entitled to see the channel: once, at its first subscription. */
export interface StartEntry {
  readonly f: 'start';
  readonly process: string;
  readonly channel: string;
  /** It is to see after+1, after+2 … */
  readonly after: number;
  readonly t: number;
}

/** The right to see the channel has ended: the answer of the command that ended it. */
export interface RevokeEntry {
  readonly f: 'revoke';
  readonly process: string;
  readonly channel: string;
  /** Of the event that ended it; the subscriber may still be shown this one. */
  readonly seq: number;
  readonly t: number;
}

/** A subscriber was told that what it missed cannot be given to it. */
export interface LostEntry {
  readonly f: 'lost';
  readonly process: string;
  readonly channel: string;
  readonly t: number;
}

/** What a fault run did to which part, and when; carried for people, judged by no check. */
export interface NemesisEntry {
  readonly f: 'nemesis';
  readonly process: string;
  readonly what: string;
  readonly t: number;
}

export type Entry = SendEntry | ReceiveEntry | StartEntry | RevokeEntry | LostEntry | NemesisEntry;

/** A message of the final log, as a fresh reader got it from seq 1. */
export interface LogRecord {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly command_id: string;
  readonly hash: string;
}

/** Units of work of one run, as queues and handlers had them at rest. */
export interface WorkReport {
  readonly enqueued: readonly string[];
  readonly done: readonly string[];
  readonly dead: readonly { readonly id: string; readonly cause: string; readonly attempts: number }[];
  /** Left in work and retry queues. */
  readonly waiting: number;
  readonly maxAttempts: number;
}

/** A bound that must hold at all times, as it was sampled. */
export interface Sample {
  readonly process: string;
  readonly name: string;
  readonly value: number;
  readonly limit: number;
}

/** What can be rebuilt from the log beside what is stored. */
export interface Projection {
  readonly name: string;
  readonly stored: string;
  readonly rebuilt: string;
}

export interface History {
  readonly entries: readonly Entry[];
  readonly log: readonly LogRecord[];
  /** Milliseconds after the answer in which a revoked session may still be shown something later. */
  readonly revokeBoundMs?: number;
  readonly work?: WorkReport;
  /** One key an effect, as often as it happened. */
  readonly effects?: readonly string[];
  readonly samples?: readonly Sample[];
  readonly projections?: readonly Projection[];
}

export const hashOf = (payload: string): string => createHash('sha256').update(payload).digest('hex').slice(0, 16);

type Timeless<E> = E extends Entry ? Omit<E, 't'> : never;

/** Collects entries of one run under one clock. */
export class HistoryRecorder {
  readonly entries: Entry[] = [];

  add(entry: Timeless<Entry>): void {
    this.entries.push({ ...entry, t: performance.now() } as Entry);
  }
}
