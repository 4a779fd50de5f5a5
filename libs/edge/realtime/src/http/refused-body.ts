/** What to do with a body that is refused unread. */
import type { IncomingMessage } from 'node:http';

/** Of a body that is too large; whoever sends more than this, or slower, is cut off. */
const MAX_BYTES = 1_048_576;
const MAX_MS = 1_000;

/**
 * Reads on and keeps nothing: a connection that is closed with something unread is reset by the kernel, and the reset overtakes the answer: a proxy
 * that was still sending then says 502 where we said 413.
 */
export function readRefused(body: IncomingMessage): Promise<void> {
  if (body.readableEnded || body.destroyed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, MAX_MS);
  let bytes = 0;
  body.on('data', (chunk: Buffer) => (bytes += chunk.length) > MAX_BYTES && resolve());
  body.once('end', resolve).once('close', resolve).resume();
  return promise.finally(() => clearTimeout(timer));
}
