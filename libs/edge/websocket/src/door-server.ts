import type { IncomingMessage } from 'node:http';
import type { PeerSocket } from './peer-socket.ts';

/** One door on a path. What Nest takes for its server; sessions never pass through Nest. */
export interface SocketDoor {
  /**
   * Looks at the request before anything is answered and says how to open the session afterwards.
   * @throws VecheError answered with its HTTP status.
   */
  admit(request: IncomingMessage, query: URLSearchParams): ((socket: PeerSocket) => void) | Promise<(socket: PeerSocket) => void>;
}

export class DoorServer {
  /** Set by the gateway when Nest hands it its server. */
  door: SocketDoor | undefined;

  constructor(readonly path: string) {}

  /** Nest wants to listen: it would get every socket and keep it for ever in a replay buffer, so it gets none. */
  on(): this {
    return this;
  }

  close(): void {
    this.door = undefined;
  }
}
