/** A grant says what one user may do on one channel; the channel's owner decides it, edges cache it. */
import { z } from 'zod';
import { ChannelName } from './channels.ts';
import type { ErrorName } from './errors.ts';

export const CAPABILITIES = ['subscribe', 'publish', 'history', 'presence'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What the session brings: its user and what its token allows beside the channel's own rules. */
export const Subject = z.object({
  /** '' is an anonymous session. */
  user: z.string(),
  /** Channels (exact, or a prefix ending in `*`) and what the connection token allows on them. */
  caps: z.array(z.object({ channels: z.array(z.string()), allow: z.array(z.enum(CAPABILITIES)) })).default([]),
});
export type Subject = z.infer<typeof Subject>;

export const AuthorizeQuery = z.object({ channel: ChannelName, subject: Subject });

/** Many at once: a crowd that comes back asks as one. */
export const MAX_AUTHORIZE = 200;
export const AuthorizeQueries = z.strictObject({ asks: z.array(AuthorizeQuery).min(1).max(MAX_AUTHORIZE) });

/** One for each that was asked for, in order. */
export interface GrantOutcomes {
  readonly outcomes: readonly ({ readonly grant: Grant } | { readonly error: ErrorName; readonly message: string })[];
}

export interface Grant {
  readonly subscribe: boolean;
  readonly publish: boolean;
  readonly history: boolean;
  readonly presence: boolean;
  /** A valid subscription token is the only way in, and no other rule refuses. */
  readonly needs_token: boolean;
  /** Rights beside the flags above that hold only while the session is subscribed to the channel. */
  readonly when_subscribed?: readonly Capability[];
  readonly options: ChannelOptions;
}

/** How a channel behaves; of its namespace, or fixed for `thread:` and `user:`. */
export interface ChannelOptions {
  /** Publications are appended to the log; without it they are signals. */
  readonly durable: boolean;
  /** What a client's `publish` becomes: an event of the log, or a signal. */
  readonly publications: 'events' | 'signals';
  /** Recovery from the log happens even when the client does not ask to be recoverable. */
  readonly force_recovery: boolean;
  readonly presence: boolean;
  readonly join_leave: boolean;
  /** Join and leave are sent to subscribers that did not ask for them. */
  readonly force_push_join_leave: boolean;
  /** `edge`: a user's 0→1 and 1→0 sessions, the leave delayed; `client`: every session at once. */
  readonly presence_mode: 'edge' | 'client';
  /** How much of the log is shown; absent: all of it. What is beyond goes from the log later, unseen. */
  readonly kept?: { readonly size: number; readonly ttl_ms: number };
}
