/** What a door (edge/websocket, edge/sse) and REST (edge/http) inject: sessions are opened here and nowhere else. */
import type { Connection, Peer, StreamRequest, Transport } from './door.ts';

/** One channel's share of a poll. */
export interface PolledChannel {
  readonly channel: string;
  readonly epoch: string;
  /** Position after this page: the next poll's `after`. */
  readonly seq: number;
  /** False: `after` could not be served (another epoch, trimmed); load the state anew and go on from `seq`. */
  readonly recovered: boolean;
  /** More is waiting: ask again at once. */
  readonly more: boolean;
  /** JSON text of each event, ascending, as every door shows it. */
  readonly events: readonly string[];
}

export interface PollPage {
  /** ETag without quotes: `<epoch>:<seq>` of one channel, the composite of several (`formatPositions`). */
  readonly cursor: string;
  readonly channels: readonly PolledChannel[];
}

/** Injection token and contract; `RealtimeModule` provides it. */
export abstract class Doors {
  /** A Centrifugo protocol session: a WebSocket, or a stream whose first frame is the connect command and whose uplink is `emulate`. */
  abstract openV2(transport: Transport, peer: Peer): Connection;
  /** A plain JSON session (`/realtime/ws`). */
  abstract openPlain(transport: Transport, peer: Peer): Connection;
  /**
   * An EventSource session. The transport must hold what is written until the promise settles (nothing is written before
   * it does) or be ready to write. Throws VecheError (401, 403, 404, 429 …) before anything was written.
   */
  abstract openStream(transport: Transport, peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<Connection>;
  /** One JSON poll: events after each cursor, at most a page a channel. Throws VecheError. */
  abstract poll(peer: Peer, token: string | undefined, requests: readonly StreamRequest[]): Promise<PollPage>;
  /**
   * Uplink of a stream session, whichever process holds it: commands joined by newlines. `unknown`: no such session any more, or not this poster's.
   * Resolves within 3 s. Throws VecheError `outcome_unknown`, `too_many_requests`.
   */
  abstract emulate(session: string, peer: Peer, data: string): Promise<'delivered' | 'unknown'>;
}
