/** Refusals that happen before any route is known, in the same form that the routes use. */
import type { Socket } from 'node:net';
import { ERRORS, type ErrorName } from '@veche/contracts';

/** On every answer, whichever door gives it: nothing of ours is to be sniffed, framed, or to tell a foreign page where it was reached from. */
export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Of a refusal: no cache may show it to anybody else. */
export const REFUSAL_HEADERS = { ...SECURITY_HEADERS, 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' } as const;

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
  const head = Object.entries({ ...REFUSAL_HEADERS, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  socket.end(`HTTP/1.1 ${status}\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`, () => socket.destroy());
}

export function errorBody(name: ErrorName, message: string): object {
  const { code, advice, retryable } = ERRORS[name];
  return { error: { code, name, message, advice, retryable } };
}
