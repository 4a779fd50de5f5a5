import { hashOf, type LogRecord } from '@veche/testing';
import { demand } from './people.ts';
import type { PollPage } from './poll-subscriber.ts';
import { payloadOf } from './subscriber.ts';

/** The log of a channel as a fresh reader gets it, page by page. */
export async function dumpOf(origin: string, token: string, channel: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (;;) {
    const url = `/chat/events?thread_id=${channel.slice('thread:'.length)}&after=${records.length}`;
    const { epoch, events } = await demand<PollPage>(origin, 'GET', url, { token, headers: { accept: 'application/json' } });
    if (events.length === 0) return records;
    records.push(...events.map((event) => ({ channel, epoch, seq: event.seq, id: event.id, command_id: event.command_id, hash: hashOf(payloadOf(event)) })));
  }
}
