/** Which channels a stream or poll asks for, and from where: every part of it is hostile input. */
import { type Cursor, isChannelName, MAX_SUBSCRIPTIONS, parseCursor, threadChannel, VecheError } from '@veche/contracts';
import { parsePositions, type StreamRequest } from '@veche/edge-realtime';

export interface Asked {
  readonly channels: readonly string[];
  /** Position text as it came: a cursor of one channel, or the composite of several. */
  readonly after: string | undefined;
}

interface Positions {
  /** `Last-Event-ID` as an EventSource sends it after a break. */
  readonly lastEventId: string | undefined;
  readonly query: URLSearchParams;
  /** `If-None-Match` of a poll: the tag of a page is the position after it. */
  readonly ifNoneMatch?: string | undefined;
}

/** Where to go on: what the client's last page or event said goes before what its address says. */
export function positionOf({ lastEventId, query, ifNoneMatch }: Positions): string | undefined {
  const tag = tagOf(ifNoneMatch);
  const address = query.get('after') || query.get('lastEventId') || undefined;
  return lastEventId || (address !== undefined && tag !== undefined && !isFurther(tag, address) ? address : tag || address);
}

/** A page with this tag was had from this address or a later one: the same numbering, and not behind it. */
function isFurther(tag: string, address: string): boolean {
  const [at, from] = [parseCursor(tag), parseCursor(address)];
  return at !== undefined && from !== undefined && (from.epoch === '' || from.epoch === at.epoch) && at.seq >= from.seq;
}

const tagOf = (ifNoneMatch: string | undefined): string | undefined => /^(?:W\/)?"([^"]*)"$/.exec(ifNoneMatch?.trim() ?? '')?.[1];

/** @param key `channel`, or `thread_id` which names threads by their ids */
export function channelsOf(query: URLSearchParams, key: 'channel' | 'thread_id'): readonly string[] {
  const names = [...new Set(query.getAll(key))].map((name) => (key === 'thread_id' ? threadChannel(name) : name));
  if (!names.length || names.some((name) => name === '' || name === 'thread:'))
    throw new VecheError('bad_request', `${key} is missing`, [{ path: key, message: 'is missing' }]);
  if (names.length > MAX_SUBSCRIPTIONS) throw new VecheError('limit_exceeded', `at most ${MAX_SUBSCRIPTIONS} channels at once`);
  const wrong = names.filter((name) => !isChannelName(name));
  if (wrong.length) throw new VecheError('unknown_channel', `no name of a channel: ${wrong.map((name) => JSON.stringify(name.slice(0, 32))).join(', ')}`);
  return names;
}

/**
 * The channels with their positions. A channel that the composite does not name starts from now.
 * @throws VecheError `bad_request` for a position that cannot be read: going on from a guess would leave out or repeat events.
 */
export function streamRequests({ channels, after }: Asked): readonly StreamRequest[] {
  if (after === undefined) return channels.map((channel) => ({ channel }));
  const [only] = channels;
  const one = channels.length === 1 && only !== undefined ? parseCursor(after) : undefined;
  if (one && only !== undefined) return [{ channel: only, after: one }];
  const positions = parsePositions(after, channels);
  if (!positions)
    throw new VecheError('bad_request', 'the position is not one that we gave: "<epoch>:<seq>" or the id of an event', [
      { path: 'after', message: 'is not a position' },
    ]);
  return channels.map((channel) => withPosition(channel, positions.get(channel)));
}

const withPosition = (channel: string, after: Cursor | undefined): StreamRequest => ({ channel, ...(after && { after }) });
