/** Limits that protect the cluster from one user or one address. */
import type { Allowed } from '@veche/platform-redis';

/** Injection token and contract; `RealtimeModule` provides it. */
export abstract class Limits {
  /** Counts one message of the user: at most GATEWAY_MESSAGES_PER_MINUTE in any 60 s, over all doors. */
  abstract message(user: string): Promise<Allowed>;
  /** Same, as an exception: throws VecheError `too_many_requests` with retry_after. */
  abstract countMessage(user: string): Promise<void>;
  /** False: the user's last typing signal on the channel is less than 3 s old, drop this one silently. */
  abstract typing(user: string, channel: string): boolean;
}

/** What the realtime core itself counts. */
export abstract class SessionLimits {
  /**
   * Counts a handshake (upgrade, stream) of the address before any work is done for it: refused ones get 429 + Retry-After.
   * It counts as a reconnect when the address has ended a session within the last minute.
   */
  abstract handshake(address: string): Promise<Allowed>;
  /** Counts a connect of a signed-in user: the second bucket, for the many behind one address. '' always passes. */
  abstract connect(user: string, address: string): Promise<Allowed>;
  abstract sessionOpened(address: string): void;
  /** A session of the address has ended, whoever ended it. */
  abstract sessionEnded(address: string): void;
  /** It ended not because we sent it to another process: whoever comes from there within the minute comes again. */
  abstract mayReturn(address: string, user: string): void;
}
