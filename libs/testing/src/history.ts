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

export type Entry = SendEntry | ReceiveEntry | StartEntry;

/** A message of the final log, as a fresh reader got it from seq 1. */
export interface LogRecord {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  readonly id: string;
  readonly command_id: string;
  readonly hash: string;
}

export interface History {
  readonly entries: readonly Entry[];
  readonly log: readonly LogRecord[];
}

export const hashOf = (payload: string): string => createHash('sha256').update(payload).digest('hex').slice(0, 16);

/** Collects entries of one run under one clock. */
export class HistoryRecorder {
  readonly entries: Entry[] = [];

  add(entry: Omit<SendEntry, 't'> | Omit<ReceiveEntry, 't'> | Omit<StartEntry, 't'>): void {
    this.entries.push({ ...entry, t: performance.now() } as Entry);
  }
}
