/** The one partition number of a channel: command queues, table partitions and database shards go by it. */
import { hash } from 'node:crypto';

export const SLOTS = 256;

/** Channels whose slot is remembered: a hash costs ~1 µs, a look-up ~0.05. */
const REMEMBERED = 4096;
const known = new Map<string, number>();

/** First byte of SHA-256 of the channel's UTF-8 name, 0 to 255. Fixed for ever: stored rows are found by it. */
export function slotOf(channel: string): number {
  const remembered = known.get(channel);
  if (remembered !== undefined) return remembered;
  const slot = hash('sha256', channel, 'buffer').readUInt8(0);
  // Forgetting all at once keeps the common path to a single look-up; a working set beyond the bound costs only its hashes.
  if (known.size >= REMEMBERED) known.clear();
  known.set(channel, slot);
  return slot;
}
