/** Documents of the Centrifugo client protocol v2, JSON: commands in, replies and pushes out. */
import { type CloseRow, ERRORS, MAX_JSON_DEPTH, VecheError } from '@veche/contracts';
import { depthOf } from '../http/json-body.rules.ts';

/** The client broke the protocol: the session is closed with 3501. */
export class ProtocolViolation extends Error {}

export interface Command {
  /** 0: no reply is expected (`send`). */
  readonly id: number;
  readonly method: Method;
  readonly params: Readonly<Record<string, unknown>>;
  /** Beside the command's name, as a client sends it; looked at only by who traces. */
  readonly traceparent?: unknown;
  /** Source text of the whole command, for data that must be carried as it was written. */
  readonly text: string;
}

const METHOD_NAMES = [
  'connect',
  'subscribe',
  'unsubscribe',
  'publish',
  'presence',
  'presence_stats',
  'history',
  'rpc',
  'refresh',
  'sub_refresh',
  'send',
  'ping',
] as const;
export type Method = (typeof METHOD_NAMES)[number];
const METHODS: ReadonlySet<string> = new Set(METHOD_NAMES);

const MAX_ID = 0xffff_ffff;

/** One command; `pong` for `{}`. @throws ProtocolViolation */
export function parseCommand(text: string): Command | 'pong' {
  if (text === '{}') return 'pong';
  const document = parseObject(text);
  const method = Object.keys(document).find((name) => METHODS.has(name) && document[name] !== null) as Method | undefined;
  const id = document.id ?? 0;
  if (Object.keys(document).length === 0) return 'pong';
  if (method === undefined || !isId(id) || (id === 0) !== (method === 'send')) throw new ProtocolViolation('no known command with an id');
  return { id, method, params: asObject(document[method]), text, traceparent: document.traceparent };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolViolation('not JSON');
  }
  // Brackets are counted before anything walks the value recursively.
  if (text.length > 2 * MAX_JSON_DEPTH && depthOf(text) > MAX_JSON_DEPTH) throw new ProtocolViolation('nested too deeply');
  return asObject(value);
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolViolation('not an object');
  return value as Record<string, unknown>;
}

const isId = (id: unknown): id is number => Number.isInteger(id) && (id as number) >= 0 && (id as number) <= MAX_ID;

/** @param result JSON text of the result object, `{}` when there is nothing to say: clients read it unchecked. */
export const reply = (id: number, method: Method, result: string): string => `{"id":${id},"${method}":${result}}`;

export function errorReply(id: number, error: VecheError): string {
  const { code, retryable } = ERRORS[error.error];
  return JSON.stringify({
    id,
    error: {
      code,
      message: error.message,
      ...(retryable && { temporary: true }),
      ...(error.retryAfterMs !== undefined && { retry_after: Math.ceil(error.retryAfterMs / 1000) }),
      ...(error.details.length > 0 && { details: error.details }),
    },
  });
}

export const unsubscribePush = (channel: string, { code, reason }: CloseRow): string =>
  `{"push":{"channel":"${channel}","unsubscribe":{"code":${code},"reason":${JSON.stringify(reason)}}}}`;
export const subscribePush = (channel: string, result: string): string => `{"push":{"channel":"${channel}","subscribe":${result}}}`;
export const disconnectPush = ({ code, reason }: CloseRow): string => `{"push":{"disconnect":{"code":${code},"reason":${JSON.stringify(reason)}}}}`;
