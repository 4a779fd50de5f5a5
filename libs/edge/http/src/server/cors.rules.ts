/** Which answers a page of another origin may read. */
import { isOriginAllowed } from '@veche/edge-realtime';

const METHODS = 'GET, POST, PATCH, PUT, DELETE, OPTIONS';
const REQUEST_HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, traceparent';
const SHOWN_HEADERS = 'ETag, Retry-After';

type Headers = Readonly<Record<string, string>>;

/**
 * Credentials travel in a header, never as an ambient cookie, so `Access-Control-Allow-Credentials` is not sent.
 * `Vary: Origin` also on refusals: a cache must not show one origin's answer to another.
 */
export function corsHeaders(origin: string | undefined, host: string | undefined, allowed: readonly string[]): Headers {
  if (origin === undefined || !isOriginAllowed(origin, host, allowed)) return { Vary: 'Origin' };
  return { Vary: 'Origin', 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': SHOWN_HEADERS };
}

export const PREFLIGHT: Headers = { 'Access-Control-Allow-Methods': METHODS, 'Access-Control-Allow-Headers': REQUEST_HEADERS, 'Access-Control-Max-Age': '300' };

/** On every answer: nothing of ours is to be sniffed, framed, or to tell a foreign page where it was reached from. */
export const SECURITY: Headers = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};
