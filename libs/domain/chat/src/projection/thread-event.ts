import type { ChannelEvent, DataOf, EventContract } from '@veche/contracts';
import type { CommandBatch } from '@veche/event-log';

/** An event of a thread's log and the row of the thread that it changes. */
export interface ThreadEvent {
  /** Id of the thread and of its channel. */
  readonly thread: string;
  readonly event: ChannelEvent;
}

/** Names the threads of the events that a batch has appended. */
export function threadEvents({ commands }: CommandBatch, events: readonly ChannelEvent[]): ThreadEvent[] {
  const ids = new Map(commands.map(({ channel }) => [channel.name, channel.id]));
  return events.flatMap((event) => {
    const thread = ids.get(event.channel);
    return thread === undefined ? [] : [{ thread, event }];
  });
}

/** The data of an event that this service wrote: its schema held when it was appended. */
export const dataOf = <C extends EventContract>(_contract: C, { data }: ChannelEvent): DataOf<C> => JSON.parse(data) as DataOf<C>;

/** Several changes of one row in one statement would apply in any order: the last one stands for all. */
export function lastOf<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
