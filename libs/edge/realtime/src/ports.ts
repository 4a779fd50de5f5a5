/** What the realtime core needs of the rest of the house, no wider than it needs it: tests put fakes here. */
import type { Cursor } from '@veche/contracts';
import type { KeptHistory, LogPage, Position } from '@veche/event-log';

/** Injection tokens: interfaces are injected by token. */
export const EVENT_LOG = Symbol('EventLogReader');
export const CLOCK = Symbol('Clock');

/** The log as edges see it: read only. */
export interface LogReader {
  /** Events after or before a position, a page at most; `undefined`: no such channel. */
  read(
    channel: string,
    range: {
      readonly after?: number;
      readonly before?: number;
      readonly limit: number;
      readonly maxBytes?: number;
      readonly atLeast?: number;
      readonly kept?: KeptHistory | undefined;
    },
  ): Promise<LogPage | undefined>;
  /** Where those of the given channels stand that are elsewhere; a channel without a row is absent. */
  positions(known: readonly Position[]): Promise<readonly Position[]>;
}

/** Time, so that tests hold it. Milliseconds. */
export interface Clock {
  /** Monotonic. */
  now(): number;
  /** Since 1970. */
  wall(): number;
}

/** Whole milliseconds: a fraction would cost every session a boxed number for each time that it remembers. */
export const systemClock: Clock = { now: () => Math.trunc(performance.now()), wall: () => Date.now() };

export const START: Cursor = { epoch: '', seq: 0 };
