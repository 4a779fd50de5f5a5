import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { VecheError } from '@veche/contracts';
import { errorAnswer } from '@veche/edge-realtime';

/** Answers an upgrade with the error in the form that REST uses, then closes. A browser sees none of it, everybody else does. */
export function refuse(socket: Duplex, error: VecheError): void {
  if (socket.destroyed || !socket.writable) return void socket.destroy();
  const { status, headers, body } = errorAnswer(error);
  const text = JSON.stringify(body);
  const fields = { ...headers, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text), Connection: 'close' };
  const head = Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${text}`, () => socket.destroy());
}
