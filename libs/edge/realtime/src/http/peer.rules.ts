/** Who is at the other end of a request, before any credential is looked at. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Peer } from '../door.ts';
import type { DoorsConfig } from './doors.config.ts';

type Settings = Pick<DoorsConfig, 'HTTP_TRUSTED_PROXIES' | 'DOORS_TOKEN_COOKIE'>;

export function peerOf(request: IncomingMessage, settings: Settings): Peer {
  const { origin, traceparent } = request.headers;
  const token = bearerOf(request) ?? cookieOf(request, settings.DOORS_TOKEN_COOKIE);
  return {
    address: addressOf(request, settings.HTTP_TRUSTED_PROXIES),
    ...(origin !== undefined && { origin }),
    ...(token !== undefined && { token }),
    ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent) && { traceparent }),
  };
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Each trusted proxy appends the address it saw, so the client's is exactly that many places from the right;
 * everything further left was written by the client. X-Real-IP counts only when a proxy is trusted.
 */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const peer = plain(request.socket.remoteAddress ?? '');
  if (trustedProxies === 0) return peer;
  const forwarded = [request.headers['x-forwarded-for'] ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((part) => part.trim());
  const candidate = plain(forwarded.at(-trustedProxies) ?? '') || plain([request.headers['x-real-ip'] ?? ''].flat()[0] ?? '');
  return isIP(candidate) ? candidate : peer;
}

/** One spelling for an IPv4 client, whichever family the listening socket has. */
const plain = (address: string): string => (address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address);

export function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  if (!name || isHidden(request)) return undefined;
  const pair = (request.headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || undefined;
}

/**
 * A foreign page can make a browser ask without an Origin (a script element, a link), and the cookie comes along. The browser then
 * says whose page it was; a request with an Origin has been held against the allowlist instead.
 */
function isHidden({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin === undefined && site !== undefined && site !== 'same-origin' && site !== 'none';
}
