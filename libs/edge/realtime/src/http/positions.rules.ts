/**
 * Positions of several channels as one token: the id of an EventSource, the ETag of a poll.
 * Channels stand by a hash of eight characters: 128 of them fit a header of 16 KB, and their names stay out of logs.
 */
import { createHash } from 'node:crypto';
import { type Cursor, formatCursor, MAX_SUBSCRIPTIONS, parseCursor } from '@veche/contracts';

const PART = /^([A-Za-z0-9_-]{8})=(.+)$/;
const MAX_LENGTH = 16_384;

const hashOf = (channel: string): string => createHash('sha256').update(channel).digest('base64url').slice(0, 8);

/** Neither quote nor white space nor line break: fit for `id:` and between the quotes of an ETag. */
export function formatPositions(positions: Iterable<Cursor & { readonly channel: string }>): string {
  return [...positions].map((position) => `${hashOf(position.channel)}=${formatCursor(position)}`).join(';');
}

/** Where the given channels stood; channels that the token does not name are absent. `undefined`: not a token of ours. */
export function parsePositions(text: string, channels: readonly string[]): ReadonlyMap<string, Cursor> | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const parts = text.split(';', MAX_SUBSCRIPTIONS + 1).map((part) => PART.exec(part));
  if (parts.length > MAX_SUBSCRIPTIONS) return undefined;
  const cursors = new Map<string, Cursor>();
  for (const part of parts) {
    const cursor = parseCursor(part?.[2] ?? '?');
    if (!part || !cursor) return undefined;
    cursors.set(part[1] ?? '', cursor);
  }
  return new Map(channels.flatMap((channel) => pairOf(channel, cursors.get(hashOf(channel)))));
}

const pairOf = (channel: string, cursor: Cursor | undefined): [string, Cursor][] => (cursor ? [[channel, cursor]] : []);
