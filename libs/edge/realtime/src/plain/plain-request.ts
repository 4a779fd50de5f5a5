/** One message of a plain client, taken apart. */
import { isUtf8 } from 'node:buffer';
import { type Cursor, parseCursor, threadChannel, VecheError } from '@veche/contracts';
import { parseJsonBody } from '../http/json-body.rules.ts';
import type { RequestId } from './plain-documents.ts';

export interface PlainRequest {
  readonly type: string;
  readonly id: RequestId | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** @throws VecheError bad_request that says what is wrong. */
export function parsePlain(message: Buffer): PlainRequest {
  if (!isUtf8(message)) throw new VecheError('bad_request', 'the message is not valid UTF-8');
  const value = parseJsonBody(message);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new VecheError('bad_request', 'a message is a JSON object: {"type": "join" | "leave" | "send" | …}');
  const fields = value as Record<string, unknown>;
  const { type, id } = fields;
  if (typeof type !== 'string') throw new VecheError('bad_request', 'type is missing: join, leave, send, rpc, publish, typing, history, connect or ping');
  return { type, id: isRequestId(id) ? id : undefined, fields, text: message.toString('utf8') };
}

const isRequestId = (id: unknown): id is RequestId => (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id);

/** `thread: "<id>"` or `channel: "<name>"`. */
export function channelOf({ fields }: PlainRequest): string {
  const { thread, channel } = fields;
  if (typeof thread === 'string' && channel === undefined) return thread.startsWith('thread:') ? thread : threadChannel(thread);
  if (typeof channel === 'string' && thread === undefined) return channel;
  throw new VecheError('bad_request', 'name the channel: thread: "<id>", or channel: "<name>"');
}

/** `after: "<epoch>:<seq>"` or a bare seq. */
export function cursorOf({ fields: { after } }: PlainRequest): Cursor | undefined {
  if (after === undefined || after === null) return undefined;
  const cursor = typeof after === 'string' || typeof after === 'number' ? parseCursor(String(after)) : undefined;
  if (!cursor) throw new VecheError('bad_request', 'after is a cursor "<epoch>:<seq>", or a seq');
  return cursor;
}
