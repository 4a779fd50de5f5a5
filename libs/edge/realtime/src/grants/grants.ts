/** What a user may do on a channel, asked of its owner and kept for at most 60 s. */
import type { Capability, Grant, Subject } from '@veche/contracts';

/** Injection token and contract; `RealtimeModule` provides it. */
export abstract class Grants {
  /** Throws VecheError: unknown_channel (102) outside the grammar or of an unknown namespace, permission_denied is left to the caller. */
  abstract of(subject: Subject, channel: string): Promise<Grant>;
  /** The grant if it includes the capability; throws permission_denied otherwise. */
  abstract require(subject: Subject, channel: string, capability: Capability, subscribed?: boolean): Promise<Grant>;
}
