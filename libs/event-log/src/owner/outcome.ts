/** What a transaction of the owner made of its commands. */
import type { CommandReply, Signal } from '@veche/contracts';
import type { Appended } from '../types.ts';

export interface Outcome {
  /** By the command's place in the batch. */
  readonly replies: Map<number, CommandReply>;
  /** To be published: fresh ones, and stored ones of commands that came again. In order per channel. */
  readonly events: Appended[];
  /** Made after the commit only. */
  readonly signals: (() => readonly Signal[])[];
}

export const emptyOutcome = (): Outcome => ({ replies: new Map(), events: [], signals: [] });

export function merge(into: Outcome, other: Outcome): void {
  for (const [index, reply] of other.replies) into.replies.set(index, reply);
  into.events.push(...other.events);
  into.signals.push(...other.signals);
}

export const done = ({ id, seq, epoch, ts }: Appended): CommandReply => ({ ok: true, id, seq, epoch, ts });
