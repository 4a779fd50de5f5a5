/** Refusals that happen before any route is known, in the same form that the routes use. */
import type { Socket } from 'node:net';
import { ERRORS, type ErrorName } from '@veche/contracts';

interface Refused {
  readonly status: string;
  readonly error: ErrorName;
  readonly message: string;
}

const REFUSALS: Readonly<Record<string, Refused>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', error: 'bad_request', message: 'the request was not sent in time' },
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    error: 'limit_exceeded',
    message: 'the headers, or the address, are larger than the server takes',
  },
};
const MALFORMED: Refused = { status: '400 Bad Request', error: 'bad_request', message: 'this is not HTTP as the server understands it' };

/** Answers what the HTTP parser refused, then closes: nothing more can be read from this peer. */
export function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  // A reset peer reads nothing, and an answer that has begun must not be followed by another.
  const answering = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent;
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const { status, error: name, message } = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify(errorBody(name, message));
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

export function errorBody(name: ErrorName, message: string): object {
  const { code, advice, retryable } = ERRORS[name];
  return { error: { code, name, message, advice, retryable } };
}
