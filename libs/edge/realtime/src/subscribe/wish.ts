/** What is asked of a subscription, and what came of it: the same for every language. */
import { type ChannelEvent, type Cursor, type Grant, VecheError } from '@veche/contracts';
import type { OptionOverride } from '../auth/index.ts';
import type { ChannelState } from '../hub/channel-state.ts';
import type { Subscription } from '../hub/subscription.ts';

export interface ServerChoice {
  readonly info?: unknown;
  readonly data?: unknown;
  readonly override: OptionOverride;
  /** Milliseconds since 1970; absent: it does not end by itself. */
  readonly expiresAt?: number | undefined;
}

export interface Wish {
  readonly channel: string;
  /** Absent: from now on. */
  readonly recover?: Cursor | undefined;
  /** Subscription token. */
  readonly token?: string | undefined;
  readonly recoverable?: boolean;
  readonly positioned?: boolean;
  readonly joinLeave?: boolean;
  /** Refused with 112 rather than subscribed without what was missed. */
  readonly orRefuse?: boolean;
  /** Of the server's choosing (the inbox, the token's channels, a backend's call): the token has granted it. */
  readonly server?: ServerChoice | undefined;
  /** The session is for this channel: a client that can only ask by connecting. */
  readonly essential?: boolean;
}

/** Everything that takes time is done; `commit` does the rest within one turn, together with the reply. */
export interface Prepared {
  readonly subscription: Subscription;
  readonly state: ChannelState;
  readonly grant: Grant;
  readonly wish: Wish;
  readonly start: Start;
  /** Given to the client with the subscription. */
  readonly data?: unknown;
  readonly override?: OptionOverride | undefined;
}

/** @throws VecheError permission_denied when a right ended between `prepare` and now. Asked where several are prepared, one waiting for another. */
export function requirePrepared(prepared: readonly Prepared[]): void {
  if (prepared.some(({ subscription }) => subscription.phase === 'ended')) throw new VecheError('permission_denied', 'not permitted to subscribe');
}

/**
 * Where a subscription begins. `now`: not asked to recover. `lost`: the position cannot be served.
 * `page`: the first events after it; further ones follow as pushes if the page does not reach the top.
 */
export type Start =
  | { readonly from: 'now' }
  | { readonly from: 'lost' }
  | { readonly from: 'page'; readonly after: number; readonly events: readonly ChannelEvent[] };

export interface Joined {
  readonly epoch: string;
  /** Where the client stands before `publications`. */
  readonly offset: number;
  readonly recoverable: boolean;
  readonly positioned: boolean;
  readonly wasRecovering: boolean;
  readonly recovered: boolean;
  /** A position was asked for that cannot be served, or not to this session. */
  readonly lost: boolean;
  readonly publications: readonly ChannelEvent[];
  readonly data?: unknown;
  /** Seconds until the subscription's own token ends; 0: it has none. */
  readonly ttl: number;
}
