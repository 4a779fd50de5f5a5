/** What the operations need of the rest of the edge. */
import type { Capability } from '@veche/contracts';

/** Injection tokens: interfaces are injected by token. */
export const MESSAGE_LIMIT = Symbol('MessageLimit');
export const CHANNEL_GRANTS = Symbol('ChannelGrants');

export interface MessageLimit {
  /** Counts one message of the user: 0 when it may go, else the milliseconds until the next one may. */
  takeMessage(user: string): number | Promise<number>;
}

export interface ChannelGrants {
  /** @throws VecheError `permission_denied` or `unknown_channel`. */
  require(channel: string, user: string, capability: Capability): Promise<unknown>;
}
