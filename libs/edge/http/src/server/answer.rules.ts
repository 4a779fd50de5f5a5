/** An answer as bytes, or as "you have it already". */
import { createHash } from 'node:crypto';
import type { Answer } from './route.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer | string | undefined;
}

/** @param ifNoneMatch of a GET or HEAD; undefined for anything else, which is never conditional. */
export function toWire(answer: Answer, ifNoneMatch?: string): WireAnswer {
  const payload = answer.bytes ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body));
  const headers: Readonly<Record<string, string>> = {
    ...(answer.body !== undefined && answer.bytes === undefined && { 'Content-Type': 'application/json; charset=utf-8' }),
    ...answer.headers,
  };
  if (answer.status !== 200 || ifNoneMatch === undefined || payload === undefined) return { status: answer.status, headers, payload };
  const tag = headers['ETag'] ?? etagOf(payload);
  const kept = { ...headers, ETag: tag };
  return matches(ifNoneMatch, tag) ? { status: 304, headers: kept, payload: undefined } : { status: 200, headers: kept, payload };
}

export const etagOf = (payload: Buffer | string): string => `"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`;

/** Weak comparison (RFC 9110 13.1.2): a proxy that compresses marks our tag with W/. */
export function matches(ifNoneMatch: string, tag: string): boolean {
  return ifNoneMatch.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === tag);
}
