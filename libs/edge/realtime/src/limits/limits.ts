/** Limits that protect the cluster from one user or one address. In memory here; the port is what Redis will serve. */

export interface Allowed {
  readonly ok: boolean;
  /** Milliseconds until the next one passes; 0 when ok. */
  readonly retryAfterMs: number;
}

/** Injection token and contract; `RealtimeModule` provides it. */
export abstract class Limits {
  /** Counts one message of the user: at most GATEWAY_MESSAGES_PER_MINUTE in any 60 s, over all doors. */
  abstract message(user: string): Promise<Allowed>;
  /** Same, as an exception: throws VecheError `too_many_requests` with retry_after. */
  abstract countMessage(user: string): Promise<void>;
  /** False: the user's last typing signal on the channel is less than 3 s old, drop this one silently. */
  abstract typing(user: string, channel: string): boolean;
  /** Counts a handshake (upgrade, stream) of the address before any work is done for it: refused ones get 429 + Retry-After. */
  abstract handshake(address: string): Allowed;
}
