/** What a user may do on a channel, asked of its owner and kept for at most 60 s. */
import type { Capability, ChannelEvent, Grant, Subject } from '@veche/contracts';

/** What a reader is about to be shown. */
export interface ReadPage {
  readonly channel: string;
  readonly events: readonly ChannelEvent[];
}

/** Injection token and contract; `RealtimeModule` provides it. */
export abstract class Grants {
  /** Throws VecheError: unknown_channel (102) outside the grammar or of an unknown namespace, permission_denied is left to the caller. */
  abstract of(subject: Subject, channel: string): Promise<Grant>;
  /** The grant if it includes the capability; throws permission_denied otherwise. */
  abstract require(subject: Subject, channel: string, capability: Capability, subscribed?: boolean): Promise<Grant>;
  /**
   * Asked again once a page has been read and before it is shown: what was written after its reader was removed is not for them.
   * Costs a look into the cache unless rights have changed meanwhile, or the page itself says that they have.
   */
  abstract confirm(subject: Subject, page: ReadPage, capability: Capability, subscribed?: boolean): Promise<void>;
}
