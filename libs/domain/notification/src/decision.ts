/** What handlers of notices decide with. */
import type { ChannelEvent, DataOf, ErrorName, EventContract } from '@veche/contracts';
import type { Decision } from '@veche/event-log';

export interface Refused {
  readonly refuse: ErrorName;
  readonly message: string;
}

/** A rule's answer; `undefined` lets the command through. */
export type Ruling = Refused | 'unchanged' | undefined;

export const refused = (refuse: ErrorName, message: string): Refused => ({ refuse, message });

export const appended = <C extends EventContract>({ kind }: C, data: DataOf<C>): Decision => ({ append: { kind, data: JSON.stringify(data) } });

/** The data of an event that this service wrote: its schema held when it was appended. */
export const dataOf = <C extends EventContract>(_contract: C, { data }: ChannelEvent): DataOf<C> => JSON.parse(data) as DataOf<C>;
