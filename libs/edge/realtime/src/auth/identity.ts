/** Who a credential says somebody is: what a session keeps of its token. */
import type { Subject } from '@veche/contracts';

export interface Identity {
  /** '' is an anonymous session. */
  readonly user: string;
  /** Sign-in session of our own issuer: one for each sign-in, the same through all its refreshes. */
  readonly sid?: string;
  /** Id of the token. */
  readonly jti?: string;
  /** Milliseconds since 1970. */
  readonly issuedAt?: number;
  /** Milliseconds since 1970 when the session must have been refreshed; absent: never. */
  readonly expiresAt?: number;
  readonly name?: string;
  /** `conn_info` of the session's ClientInfo. */
  readonly info?: unknown;
  /** For the server's eyes only. */
  readonly meta?: unknown;
  /** In the order of the token: the first entry that names a channel decides. */
  readonly caps: Subject['caps'];
  /** Server-side subscriptions; the names are as the token has them, not yet checked against the grammar of channels. */
  readonly subs: readonly TokenSubscription[];
}

/** What a token says about a subscription to one channel. */
export interface TokenSubscription {
  readonly channel: string;
  /** `chan_info` of the subscription's ClientInfo. */
  readonly info?: unknown;
  /** Given to the client with the subscription. */
  readonly data?: unknown;
  readonly override: OptionOverride;
}

/** Replaces options of the channel's namespace for this subscription. */
export interface OptionOverride {
  readonly presence?: boolean;
  readonly join_leave?: boolean;
  readonly force_push_join_leave?: boolean;
  readonly force_recovery?: boolean;
  readonly force_positioning?: boolean;
}

/** A verified subscription token. */
export interface SubscriptionPass extends TokenSubscription {
  /** Milliseconds since 1970 when the subscription ends unless refreshed; absent: never. */
  readonly expiresAt?: number;
}

/** A session without any credential. */
export const ANONYMOUS: Identity = Object.freeze({ user: '', caps: [], subs: [] });
