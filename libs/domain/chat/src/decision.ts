/** What handlers of the chat decide with. */
import type { DataOf, ErrorName, EventContract } from '@veche/contracts';
import type { Decision } from '@veche/event-log';

export interface Refused {
  readonly refuse: ErrorName;
  readonly message: string;
}

/** A rule's answer; `undefined` lets the command through. */
export type Ruling = Refused | 'unchanged' | undefined;

/** The same words for a stranger and for a thread that does not exist: nobody learns which threads there are. */
export const NOT_PERMITTED: Refused = { refuse: 'permission_denied', message: 'not permitted' };

export const refused = (refuse: ErrorName, message: string): Refused => ({ refuse, message });

export const appended = <C extends EventContract>({ kind }: C, data: DataOf<C>): Decision => ({ append: { kind, data: JSON.stringify(data) } });
