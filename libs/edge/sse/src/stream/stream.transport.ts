import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CloseRow } from '@veche/contracts';
import { type Borrower, type Connection, farewellMs, lend, remainder, type Transport } from '@veche/edge-realtime';
import { releaseParser } from './parser-release.ts';

/** Bytes that a peer may send on an open stream (a stray line break after a body); more is no HTTP any more. */
const MAX_STRAY_BYTES = 64;

/** The transport that owns a socket. */
const OWNER = Symbol('StreamTransport');
type OwnedSocket = Socket & { [OWNER]?: StreamTransport };

export interface StreamKind {
  readonly framing: Transport['framing'];
  readonly door: Transport['door'];
}

/**
 * A response that never ends, as bytes on its socket. The door writes the head and ends the body by closing:
 * without chunks around them the same bytes go to every session.
 */
export class StreamTransport implements Transport, Borrower {
  /** Set by the door once there is one; hears of the peer's end. */
  connection: Connection | undefined;
  /** Writes the head; runs before the first byte of the body, then never again. */
  private opening: (() => void) | undefined;
  /** Sizes of the writes that the kernel has not taken, oldest first; empty while the peer keeps up. */
  private sizes: number[] = [];
  private queued = 0;
  private stray = 0;
  /** Lent to the send loop between the head and the end. */
  private lent = -1;
  private ended = false;
  private over = false;

  private constructor(
    private readonly socket: OwnedSocket,
    private readonly kind: StreamKind,
  ) {}

  /** Takes a socket; undefined if another stream has it, which only a client that pipelines can bring about. */
  static on(socket: OwnedSocket, kind: StreamKind): StreamTransport | undefined {
    if (socket[OWNER]) return undefined;
    const transport = new StreamTransport(socket, kind);
    socket[OWNER] = transport;
    socket.on('close', onClose);
    return transport;
  }

  get framing(): Transport['framing'] {
    return this.kind.framing;
  }

  get door(): Transport['door'] {
    return this.kind.door;
  }

  /** Until it has run the request can still be answered otherwise. */
  beforeOpening(opening: () => void): void {
    this.opening = opening;
  }

  /**
   * Opens the session and then the response. What `open` throws leaves the request to be answered in the ordinary way.
   * The peer may go while it is opened: the session hears of it at once.
   */
  async connect(open: () => Connection | Promise<Connection>): Promise<void> {
    try {
      this.connection = await open();
    } catch (error) {
      this.abandon();
      throw error;
    }
    this.begin();
    if (this.over || this.socket.destroyed) this.connection.gone();
  }

  private begin(): void {
    const { opening } = this;
    this.opening = undefined;
    opening?.();
  }

  /** The head of the response, at once. */
  open(head: string): void {
    this.socket.setNoDelay(true);
    this.socket.setTimeout(0);
    if (this.socket.destroyed) return;
    this.socket.write(head);
    lend(this.socket, this);
  }

  get descriptor(): number {
    return this.socket.writableLength === 0 ? this.lent : -1;
  }

  set descriptor(lent: number) {
    this.lent = lent;
  }

  rest(bytes: Buffer, taken: number): void {
    const left = remainder(bytes, taken);
    if (left) this.write(left);
    else this.socket.destroy();
  }

  write(bytes: Buffer): void {
    if (this.opening) this.begin();
    if (this.ended || this.socket.destroyed) return;
    this.socket.write(bytes);
    if (this.socket.writableLength === 0) return this.drained();
    this.sizes.push(bytes.length);
    this.queued += bytes.length;
  }

  get waitingFrames(): number {
    const waiting = this.waitingBytes;
    while (this.sizes.length && this.queued - (this.sizes[0] ?? 0) >= waiting) this.queued -= this.sizes.shift() ?? 0;
    return this.sizes.length;
  }

  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  close(row: CloseRow): void {
    if (this.ended) return;
    if (this.opening) this.begin();
    this.ended = true;
    this.lent = -1;
    this.socket.end();
    // end() alone would keep the socket and all it holds for as long as the peer likes.
    const timer = setTimeout(() => this.socket.destroy(), farewellMs(row));
    timer.unref();
    this.socket.once('close', () => clearTimeout(timer));
  }

  /** Nothing was opened: the socket stays with the HTTP server. */
  private abandon(): void {
    Reflect.deleteProperty(this.socket, OWNER);
    this.socket.removeListener('close', onClose);
  }

  /** Gives the request's parser back; the socket is ours alone from then on. */
  release(request: IncomingMessage, response: ServerResponse): void {
    if (this.socket.destroyed) return;
    releaseParser(request, response);
    this.socket.on('close', onClose).on('error', onError).on('end', onEnd).on('data', onData);
    this.socket.resume();
  }

  gone(): void {
    if (this.over) return;
    this.over = true;
    this.connection?.gone();
  }

  /** A stream has no uplink of its own: what comes is not read. */
  strayed(bytes: number): void {
    this.stray += bytes;
    if (this.stray > MAX_STRAY_BYTES) this.socket.destroy();
  }

  private drained(): void {
    if (this.sizes.length) this.sizes = [];
    this.queued = 0;
  }
}

// One function each for all sockets: a closure a socket would be 100 bytes a stream, and there are many.
function onClose(this: OwnedSocket): void {
  this[OWNER]?.gone();
}
function onEnd(this: OwnedSocket): void {
  this.destroy();
}
function onError(this: OwnedSocket): void {
  this.destroy();
}
function onData(this: OwnedSocket, bytes: Buffer): void {
  this[OWNER]?.strayed(bytes.length);
}
