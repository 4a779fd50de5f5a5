/** The next events of a log behind a cursor: those that the fan-out brought, or a page of the log. */
import type { ChannelEvent } from '@veche/contracts';
import type { EventLog } from '@veche/event-log';
import type { Cursor } from './cursor.repository.ts';
import type { Hint } from './hints.ts';

/** Events followed of one log in one transaction. */
const PAGE = 500;
const PAGE_BYTES = 4_194_304;

export interface Page {
  readonly channel: string;
  readonly epoch: string;
  /** The cursor that it follows. */
  readonly after: number;
  readonly past: number;
  readonly events: readonly ChannelEvent[];
  /** The log is known to reach so far. */
  readonly head: number;
  /** The cursor is of a numbering that is no more. */
  readonly rewound: boolean;
}

/** `undefined` when there is nothing behind the cursor, or its gate is shut. */
export async function nextPage(log: EventLog, hint: Hint, cursor: Cursor | undefined): Promise<Page | undefined> {
  const { channel, head } = hint;
  const after = cursor?.seq ?? 0;
  if (cursor?.shut) return undefined;
  const near = follows(hint.events, cursor, after);
  if (near) return { channel, epoch: near[0]!.epoch, after, past: cursor?.past ?? 0, events: near, head, rewound: false };
  // An event that could not be followed is tried alone, so that it holds up no more than itself.
  const page = await log.read(channel, { after, limit: cursor && cursor.attempt > 0 ? 1 : PAGE, maxBytes: PAGE_BYTES, atLeast: head });
  if (!page) return undefined;
  const rewound = cursor !== undefined && page.epoch !== cursor.epoch;
  if (!rewound && page.events.length === 0) return undefined;
  return { channel, epoch: page.epoch, after, past: cursor?.past ?? 0, events: page.events, head: page.last_seq, rewound };
}

/** The events that come next, if the fan-out brought them without a gap; what is followed already is left out. */
function follows(events: readonly ChannelEvent[], cursor: Cursor | undefined, after: number): readonly ChannelEvent[] | undefined {
  if (cursor && cursor.attempt > 0) return undefined;
  const next = events.findIndex(({ seq }) => seq === after + 1);
  if (next < 0) return undefined;
  return cursor && cursor.epoch !== events[next]!.epoch ? undefined : events.slice(next);
}
