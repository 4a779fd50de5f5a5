/** The body of a request as the object that our routes take. */
import { VecheError } from '@veche/contracts';
import { parseJsonBody } from '@veche/edge-realtime';
import type { HttpRequest } from './route.ts';

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i;

/**
 * No body counts as `{}`. A body must say that it is JSON: forms and text/plain are what a foreign page can send without being asked.
 * @throws VecheError `bad_request`, `too_large`
 */
export function objectBody(request: HttpRequest): Record<string, unknown> {
  if (!request.body?.length) return {};
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw new VecheError('bad_request', 'send the body as Content-Type: application/json');
  const value = parseJsonBody(request.body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new VecheError('bad_request', 'the body must be a JSON object');
  return value as Record<string, unknown>;
}
