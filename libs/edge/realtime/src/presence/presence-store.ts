/** Who is where. Losable: it is rebuilt by sessions, never from it. */
import type { ClientInfo } from '@veche/contracts';

export interface PresenceStats {
  readonly clients: number;
  readonly users: number;
}

/** The port: in memory here, Redis serves it for many pods. */
export abstract class PresenceStore {
  /** A session is on a channel; again with the same client replaces its info. */
  abstract add(channel: string, info: ClientInfo): Promise<void>;
  abstract remove(channel: string, client: string): Promise<void>;
  abstract list(channel: string): Promise<readonly ClientInfo[]>;
  abstract stats(channel: string): Promise<PresenceStats>;
}
