/**
 * Lends the descriptor of a plain TCP socket to the native send loop. The one danger of that loop: a descriptor that is closed may be
 * a stranger's in the next moment. So it is taken back before the socket closes it, in the same call, whoever destroys the socket.
 */
import { Socket } from 'node:net';
import { constants } from 'node:os';

/** Who may use the descriptor: -1 from the moment on in which it must not be used. */
export interface Borrower {
  descriptor: number;
}

const BORROWER = Symbol('Borrower');

interface Internals {
  readonly _handle: ({ readonly fd: number } & object) | null;
  _destroy: (error: Error | null, done: (error?: Error | null) => void) => void;
  [BORROWER]?: Borrower;
}

const { _destroy: destroy } = Socket.prototype as unknown as Internals;
/** False: this Node closes sockets in a way that we do not know, so nothing is ever lent. */
export const canLend = typeof destroy === 'function';

/** Every way to close a socket of Node's comes through `_destroy`, which closes the handle before it returns. */
function takeBack(this: Internals, error: Error | null, done: (error?: Error | null) => void): void {
  if (this[BORROWER]) this[BORROWER].descriptor = -1;
  destroy.call(this, error, done);
}

/** Of anything but an open plain TCP socket (TLS, a pipe, one whose `_destroy` is somebody else's) nothing is lent. */
export function lend(socket: Socket, borrower: Borrower): void {
  const raw = socket as unknown as Internals;
  const handle = raw._handle;
  const plain = socket.constructor === Socket && handle?.constructor.name === 'TCP' && raw._destroy === destroy;
  if (!canLend || !plain || socket.destroyed || !(handle.fd >= 0)) return;
  raw[BORROWER] = borrower;
  raw._destroy = takeBack;
  borrower.descriptor = handle.fd;
}

const { EAGAIN, EWOULDBLOCK, ENOBUFS, ENOMEM } = constants.errno;
/** The kernel had no room; everything else says that the peer is gone. */
const FULL: ReadonlySet<number> = new Set([EAGAIN, EWOULDBLOCK, ENOBUFS, ENOMEM]);

/** What is left of bytes of which the kernel took so many (or answered with minus an error number); null: the socket is broken. */
export function remainder(bytes: Buffer, taken: number): Buffer | null {
  if (taken >= 0) return bytes.subarray(taken);
  return FULL.has(-taken) ? bytes : null;
}
