import type { Recipient } from './recipient.ts';

/**
 * `waiting`: being authorised or read for. `catching_up`: pages of the log go out, live events do not yet.
 * `live`: in the shared set of its channel. `ended`: unlinked; whatever still runs for it must do nothing.
 */
export type SubscriptionPhase = 'waiting' | 'catching_up' | 'live' | 'ended';

/** Where a subscription stands in: the channel's state, as far as a subscription knows it. */
export interface ChannelPlace {
  readonly name: string;
  readonly durable: boolean;
}

/** Session × channel. There are many, so it holds no closures and no timers, and is linked into its session's list by itself. */
export class Subscription {
  phase: SubscriptionPhase = 'waiting';
  /** Of the same session. */
  next: Subscription | null = null;
  /** Place in the channel's group, kept so that leaving costs the same in a group of ten thousand. */
  index = -1;
  state: ChannelPlace | null = null;
  /** Of the server's choosing, or of a client that can only choose by connecting: its loss closes the session (3010) instead of one subscription. */
  essential = false;
  /** Wants `join` and `leave`. */
  joins = false;
  /** How it is known to others, so that its end takes back the same (see the announcer); 0: it is not. */
  present = 0;
  /** `chan_info` of the session's ClientInfo. */
  info: unknown;
  /** Milliseconds since 1970 when the subscription's own token ends; 0: never. */
  expiresAt = 0;

  constructor(
    readonly session: Recipient,
    readonly channel: string,
  ) {}
}
