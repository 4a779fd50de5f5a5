/** How documents become bytes: one contiguous buffer per framing, made once and written to every session. */
import type { Framing } from './door.ts';

/** A frame carries at most this many payload bytes, unless a single document is larger. */
export const MAX_FRAME_BYTES = 65_536;

const NON_ASCII = /[\u0080-\uffff]/g;

/**
 * Escapes everything outside ASCII. HTTP-stream clients (centrifuge-js up to 5.7.3) decode every chunk by itself and would
 * break a character that is split between two.
 */
export const escapeNonAscii = (json: string): string => json.replace(NON_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** An unmasked WebSocket text frame, header and payload in one buffer. */
export function webSocketFrame(payload: string): Buffer {
  const length = Buffer.byteLength(payload);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length >>> 0, 6);
  }
  frame.write(payload, head, length, 'utf8');
  return frame;
}

/** Documents are complete JSON texts without raw line breaks. */
export const Framings: Readonly<Record<Framing, (documents: readonly string[]) => Buffer>> = {
  websocket: (documents) => webSocketFrame(documents.length === 1 ? documents[0]! : documents.join('\n')),
  sse: (documents) => Buffer.from(`data: ${documents.join('\n\ndata: ')}\n\n`),
  line: (documents) => Buffer.from(`${escapeNonAscii(documents.join('\n'))}\n`, 'latin1'),
};
