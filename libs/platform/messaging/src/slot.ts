/** The one partition number of a channel: command queues, table partitions and database shards all go by it. */
import { hash } from 'node:crypto';

export const SLOTS = 256;
/** Command queues that the slots may fold onto. */
export const MOST_QUEUES = 64;

/** Enough for every channel that is busy at once; forgetting costs one hash of about 1 µs. */
const REMEMBERED = 20_000;
const known = new Map<string, number>();

/** First byte of SHA-256 of the channel's UTF-8 name, 0–255; fixed for ever, since rows are stored by it. */
export function slotOf(channel: string): number {
  const found = known.get(channel);
  if (found !== undefined) return found;
  const slot = Number.parseInt(hash('sha256', channel, 'hex').slice(0, 2), 16);
  if (known.size >= REMEMBERED) known.clear();
  known.set(channel, slot);
  return slot;
}

/** The command queue of a channel when the 256 slots fold onto `queues` queues. */
export const queueOf = (channel: string, queues: number): number => slotOf(channel) % queues;
