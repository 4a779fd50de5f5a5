import type { Socket } from 'node:net';
import type { CloseRow } from '@veche/contracts';
import { type Borrower, farewellMs, lend, remainder, type Transport } from '@veche/edge-realtime';
import { WebSocket } from 'ws';

/** A close frame carries at most 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** What we use of `ws` beneath its own interface. */
interface WsInternals {
  readonly _socket: Socket;
}

/**
 * Finished frames to the socket, past `ws`: server frames are unmasked, so one buffer serves every session, and a write by
 * `ws.send` costs 2 µs more. Never inside a message of the sender's, whose frame would be torn: it writes each at once and whole,
 * because compression is off and no Blob is ever sent.
 */
export class SocketTransport implements Transport, Borrower {
  readonly framing = 'websocket';
  private readonly raw: Socket;
  /** Lent to the send loop; -1 from the close frame or the end of the socket on, whichever comes first. */
  private lent = -1;
  /** Where the writes that the kernel has not taken end, counted in bytes since the start; null while the peer keeps up. */
  private ends: number[] | null = null;
  private written = 0;

  constructor(
    private readonly socket: WebSocket,
    readonly door: 'websocket' | 'plain_websocket',
  ) {
    this.raw = (socket as unknown as WsInternals)._socket;
    lend(this.raw, this);
  }

  get descriptor(): number {
    return this.raw.writableLength === 0 ? this.lent : -1;
  }

  set descriptor(lent: number) {
    this.lent = lent;
  }

  write(bytes: Buffer): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.raw.write(bytes);
    const waiting = this.raw.writableLength;
    if (waiting === 0) this.ends = null;
    else this.queue(bytes.length, waiting);
  }

  rest(bytes: Buffer, taken: number): void {
    const left = remainder(bytes, taken);
    if (left) this.write(left);
    else this.raw.destroy();
  }

  get waitingBytes(): number {
    return this.raw.writableLength;
  }

  get waitingFrames(): number {
    const waiting = this.waitingBytes;
    if (waiting === 0 || this.ends === null) return 0;
    const taken = this.written - waiting;
    let gone = 0;
    while (gone < this.ends.length && this.ends[gone]! <= taken) gone++;
    if (gone > 0) this.ends.splice(0, gone);
    return this.ends.length;
  }

  close(row: CloseRow): void {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(row.code, within(row.reason));
    setTimeout(terminate, farewellMs(row), this.socket).unref();
  }

  private queue(bytes: number, waiting: number): void {
    if (this.ends === null) {
      this.ends = [];
      // What waited before this write belongs to writes that were not counted (a close frame, a pong): their end is here.
      this.written = waiting - bytes;
    }
    this.ends.push((this.written += bytes));
  }
}

const terminate = (socket: WebSocket): void => socket.terminate();

function within(reason: string): string {
  return Buffer.byteLength(reason) <= MAX_REASON_BYTES
    ? reason
    : Buffer.from(reason)
        .subarray(0, MAX_REASON_BYTES)
        .toString('utf8')
        .replace(/\uFFFD$/, '');
}
