/** What becomes of a connection whose request was refused with its body unread. */
import type { IncomingMessage } from 'node:http';

/** Of a body that is too large; whoever sends more than this, or slower, is cut off. */
const MAX_BYTES = 1_048_576;
const MAX_MS = 1_000;

/**
 * Headers that end a connection after a 413: the rest of the body would be read as a request. It is read on first, and nothing is kept: closed with
 * something unread the connection is reset, and the reset overtakes the answer.
 */
export async function endOfRefused(status: number, body: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  if (status !== 413) return {};
  await readOn(body);
  return { Connection: 'close' };
}

function readOn(body: IncomingMessage): Promise<void> {
  if (body.readableEnded || body.destroyed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, MAX_MS);
  let bytes = 0;
  body.on('data', (chunk: Buffer) => (bytes += chunk.length) > MAX_BYTES && resolve());
  body.once('end', resolve).once('close', resolve).resume();
  return promise.finally(() => clearTimeout(timer));
}
