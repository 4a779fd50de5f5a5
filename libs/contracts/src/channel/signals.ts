/** Signals of any channel: never stored. */

/** A publication to a channel without history, or a client's own signal on a thread. */
export const PUBLISHED_SIGNAL = 'channel.published-signal.v1';
/** `data` is a ClientInfo. */
export const JOINED = 'channel.joined.v1';
export const LEFT = 'channel.left.v1';
/** To every gateway, on `CONTROL_CHANNEL`: `data` is a `Control`. */
export const CONTROL = 'channel.control.v1';
/** No client can subscribe to it: it is outside the grammar of channel names. */
export const CONTROL_CHANNEL = '*control';

/** Options of a channel's namespace that are replaced for one subscription. */
export interface ChannelOverride {
  readonly presence?: boolean;
  readonly join_leave?: boolean;
  readonly force_push_join_leave?: boolean;
  readonly force_recovery?: boolean;
  readonly force_positioning?: boolean;
}

/** What a backend's call or a revocation does to live sessions, on every pod. */
export type Control =
  | {
      readonly do: 'disconnect';
      readonly user: string;
      readonly client?: string;
      readonly session?: string;
      readonly code: number;
      readonly reason: string;
      readonly whitelist?: readonly string[];
    }
  | {
      readonly do: 'subscribe';
      readonly user: string;
      readonly channel: string;
      readonly client?: string;
      readonly session?: string;
      /** `chan_info` of the subscription's ClientInfo. */
      readonly info?: unknown;
      /** Given to the client with the subscription. */
      readonly data?: unknown;
      readonly override?: ChannelOverride;
      /** What came after it follows the subscription. */
      readonly recover_since?: { readonly epoch: string; readonly seq: number };
      /** Milliseconds since 1970. */
      readonly expires_at?: number;
    }
  | { readonly do: 'unsubscribe'; readonly user: string; readonly channel: string; readonly client?: string; readonly session?: string }
  /** A sign-in session (`sid`) that ended, a single token (`jti`), or a user's tokens issued before a moment (ms). */
  | { readonly do: 'revoke'; readonly sid?: string; readonly jti?: string; readonly user?: string; readonly issued_before?: number }
  /** What is known of a user has changed: entries of every process's cache of users. */
  | { readonly do: 'forget'; readonly users: readonly string[] };
