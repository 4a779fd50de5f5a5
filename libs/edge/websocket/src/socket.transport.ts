import type { Socket } from 'node:net';
import type { CloseRow } from '@veche/contracts';
import type { Transport } from '@veche/edge-realtime';
import { WebSocket } from 'ws';

/** Milliseconds that a peer has to answer the close frame before its socket is destroyed: `close()` alone held a frozen one for 30 s. */
const CLOSE_MS = 250;
/** A close frame carries at most 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** What we use of `ws` beneath its own interface; checked once at start. */
export interface WsInternals {
  readonly _socket: Socket;
  /** 0: between messages. With compression it would be busy at times. */
  readonly _sender: { readonly _state: number };
}

/**
 * Finished frames to the socket, past `ws`: server frames are unmasked, so one buffer serves every session, and a write by
 * `ws.send` costs 2 µs more. Safe while the socket is open, the sender is idle and compression is off.
 */
export class SocketTransport implements Transport {
  readonly framing = 'websocket';
  /** Where the writes that the kernel has not taken end, counted in bytes since the start; null while the peer keeps up. */
  private ends: number[] | null = null;
  private written = 0;

  constructor(
    private readonly socket: WebSocket,
    readonly door: 'websocket' | 'plain_websocket',
  ) {}

  write(bytes: Buffer): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    const { _sender: sender, _socket: raw } = this.socket as unknown as WsInternals;
    // Never inside a message of the sender's: its frame would be torn.
    if (sender._state !== 0) return this.socket.terminate();
    raw.write(bytes);
    if (raw.writableLength === 0) this.ends = null;
    else this.queue(bytes.length, raw.writableLength);
  }

  get waitingBytes(): number {
    return (this.socket as unknown as WsInternals)._socket?.writableLength ?? 0;
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

  close({ code, reason }: CloseRow): void {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(code, within(reason));
    setTimeout(terminate, CLOSE_MS, this.socket).unref();
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
