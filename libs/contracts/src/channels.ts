/** Names of channels: the only place where one is built or taken apart. */
import { z } from 'zod';

/** Bytes a channel name may have at most; the grammar is ASCII, so characters are bytes. */
export const MAX_CHANNEL_BYTES = 128;

/** Safe inside JSON, URLs and logs without escaping; no wildcard and no white space. */
const GRAMMAR = /^[A-Za-z0-9_.:#$@,/=+~!&%-]{1,128}$/;

export type ChannelKind = 'thread' | 'user' | 'application';

/** Services that decide who may do what on a channel. */
export type ChannelOwner = 'chat' | 'channel';

export interface Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  /** Before the first colon; '' for a name without one. Also the metric label `channel`. */
  readonly namespace: string;
  readonly id: string;
}

/** Of a thread's id; a name that is one already stays as it is, so that a client may give either. */
export const threadChannel = (id: string): string => (id.startsWith('thread:') ? id : `thread:${id}`);
export const userChannel = (id: string): string => `user:${id}`;

export const isChannelName = (name: string): boolean => GRAMMAR.test(name);

/** Takes a name apart; `undefined` if it is outside the grammar. */
export function parseChannel(name: string): Channel | undefined {
  if (!isChannelName(name)) return undefined;
  const colon = name.indexOf(':');
  const namespace = colon < 0 ? '' : name.slice(0, colon);
  return { name, kind: kindOf(namespace), namespace, id: name.slice(colon + 1) };
}

function kindOf(namespace: string): ChannelKind {
  return namespace === 'thread' || namespace === 'user' ? namespace : 'application';
}

const OWNERS = { thread: 'chat', user: 'channel', application: 'channel' } as const satisfies Record<ChannelKind, ChannelOwner>;

/** Who decides about a channel of this kind. */
export const ownerOf = (kind: ChannelKind): ChannelOwner => OWNERS[kind];

export const ChannelName = z.string().regex(GRAMMAR, 'must be 1 to 128 characters of A-Z a-z 0-9 _ . : # $ @ , / = + ~ ! & % -');
export const ThreadChannelName = ChannelName.startsWith('thread:', 'must name a thread: "thread:<id>"');
