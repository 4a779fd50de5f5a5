import type { Connection } from '@veche/edge-realtime';
import { WebSocket } from 'ws';
import type { SocketTransport } from './socket.transport.ts';

/** A WebSocket that knows its session. A class of its own, so that all have one shape and handlers find both without closures. */
export class PeerSocket extends WebSocket {
  transport: SocketTransport | undefined = undefined;
  connection: Connection | undefined = undefined;

  /** The close frame is the last: the send loop must not put anything behind it. Also comes here when the peer closes first. */
  override close(code?: number, data?: string | Buffer): void {
    if (this.transport) this.transport.descriptor = -1;
    super.close(code, data);
  }
}

/** Handlers of all sockets: reached by `this`, because five closures a socket would cost more than the session. */
export function listen(socket: PeerSocket): void {
  socket.on('message', onMessage);
  socket.on('ping', onPing);
  socket.on('pong', onPong);
  socket.on('close', onClose);
  socket.on('error', onError);
}

function onMessage(this: WebSocket, data: Buffer): void {
  (this as PeerSocket).connection?.frame(data);
}

/** Answered only while the peer reads: pongs for somebody who does not would pile up without a bound. */
function onPing(this: WebSocket, data: Buffer): void {
  if ((this as PeerSocket).transport?.waitingBytes === 0) this.pong(data);
}

function onPong(this: WebSocket): void {
  (this as PeerSocket).connection?.pong?.();
}

function onClose(this: WebSocket): void {
  const socket = this as PeerSocket;
  socket.connection?.gone();
  socket.connection = undefined;
  socket.transport = undefined;
}

/** Invalid UTF-8, a frame that is too large, a broken frame: `ws` has sent the right close frame already, `close` follows. */
function onError(this: WebSocket): void {}
