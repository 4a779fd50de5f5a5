/** Where a door (bytes ↔ frames of one kind) meets what all doors share. */
import { type CloseRow, type Cursor, DISCONNECTS } from '@veche/contracts';

/** How documents become bytes; one shared buffer is made per (language, framing) and written to every session of it. */
export type Framing = 'websocket' | 'sse' | 'line';
/** `v2`: Centrifugo client protocol; `plain`: our plain JSON socket; `event_source`: one event a document. */
export type Language = 'v2' | 'plain' | 'event_source';

export interface Transport {
  readonly framing: Framing;
  /** Label in metrics and presence. */
  readonly door: 'websocket' | 'sse' | 'http_stream' | 'plain_websocket' | 'event_source';
  /** Takes finished bytes; never throws. */
  write(bytes: Buffer): void;
  /**
   * Descriptor that finished bytes may be sent on past this transport; -1 while they may not: it is closing, bytes wait, it is no
   * plain TCP socket. Asked for right before each use and never kept: a moment later it may be another client's (see `lend`).
   */
  readonly descriptor: number;
  /** Takes over what the kernel did not take of bytes sent there; `taken` is negative for an error. Never throws. */
  rest(bytes: Buffer, taken: number): void;
  /** Writes taken and not yet wholly handed to the kernel: 0 while the peer keeps up. */
  readonly waitingFrames: number;
  readonly waitingBytes: number;
  /** Ends politely (close frame, end of body) and destroys the socket `farewellMs` later at the latest. Streams have been sent their `disconnect` push before. */
  close(reason: CloseRow): void;
}

/**
 * Milliseconds that a peer has to take the last bytes and to go: a frozen one would hold a polite close for half a minute. Whoever is closed for
 * not reading holds a full outbox, and gets less.
 */
export const farewellMs = ({ code }: CloseRow): number => (code === DISCONNECTS.slow.code ? 250 : 2_000);

/** Who is at the other end, as the door knows it before any credential is looked at. */
export interface Peer {
  /** The client's address, behind trusted proxies. */
  readonly address: string;
  readonly origin?: string;
  /** Credential from a header, cookie, or (plain doors) the query; the first message may bring it instead. */
  readonly token?: string;
  readonly traceparent?: string;
  /** A v2 client on a WebSocket asked for WebSocket ping frames instead of `{}`. */
  readonly nativePings?: boolean;
}

/** What a door holds for one session. */
export interface Connection {
  /** One inbound message: for `v2` one or more commands joined by newlines. */
  frame(message: Buffer): void;
  /** The peer is gone; tolerates twice. */
  gone(): void;
  /** The transport's own answer to a ping of ours (a WebSocket pong frame). */
  pong?(): void;
}

/** One channel of an EventSource or poll. */
export interface StreamRequest {
  readonly channel: string;
  /** Absent: from now on. */
  readonly after?: Cursor;
}

/** Who asks for an operation, on any door. */
export interface Caller {
  readonly user: string;
  /** Id of the session, '' for REST. */
  readonly client: string;
}
