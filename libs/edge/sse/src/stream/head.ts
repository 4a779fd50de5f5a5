/** The head of a stream's response, as text. */
import { STATUS_CODES } from 'node:http';

type Headers = Readonly<Record<string, string>>;

/** No cache, no proxy may hold back or change what comes; `no-transform` also keeps compressing proxies from waiting for more. */
const STREAM: Headers = {
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

/** @param more headers whose values come from us or from a checked origin: they are written as they stand */
export function streamHead(contentType: string, more: Headers): string {
  const lines = Object.entries({ 'Content-Type': contentType, Date: new Date().toUTCString(), ...STREAM, ...more }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 200 ${STATUS_CODES[200]}\r\n${lines.join('')}\r\n`;
}
