/** The parameters of an operation out of path, query, body and header: one object, as an RPC would bring it. */
import { type Operation, threadChannel } from '@veche/contracts';
import { badRequest } from '@veche/edge-realtime';
import type { z } from 'zod';
import { objectBody } from '../server/body.rules.ts';
import type { HttpRequest } from '../server/route.ts';

type Params = Record<string, unknown>;

/** @throws VecheError `bad_request` when two places say different things. */
export function paramsOf(operation: Operation, request: HttpRequest): Params {
  const given = operation.route.verb === 'GET' ? fromQuery(operation.params, request.query) : objectBody(request);
  return merge(
    merge(given, fromPath(request.params), 'is part of the path'),
    fromKey(operation, request.headers['idempotency-key']),
    'differs from the Idempotency-Key header',
  );
}

/** `:thread` names the channel; every other parameter is a field of its name. */
function fromPath(params: HttpRequest['params']): Params {
  const { thread, ...fields } = params;
  return { ...(thread !== undefined && { channel: threadChannel(thread) }), ...fields };
}

/** A field that takes a list is one however often it is given: `?ids=a`, `?ids=a&ids=b`, `?ids=a,b`. */
function fromQuery(schema: z.ZodObject, query: URLSearchParams): Params {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, valueOf(schema.shape[name], query.getAll(name))]));
}

function valueOf(field: z.core.$ZodType | undefined, values: string[]): unknown {
  if (field && isList(field)) return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
  return values.length === 1 ? values[0] : values;
}

function isList(field: z.core.$ZodType): boolean {
  const { def } = field._zod;
  if ('innerType' in def) return isList(def.innerType as z.core.$ZodType);
  return def.type === 'array';
}

function fromKey(operation: Operation, key: string | string[] | undefined): Params {
  return typeof key === 'string' && 'command_id' in operation.params.shape ? { command_id: key } : {};
}

function merge(given: Params, fixed: Params, complaint: string): Params {
  const clash = Object.keys(fixed).filter((name) => Object.hasOwn(given, name) && given[name] !== fixed[name]);
  if (clash.length) throw badRequest(clash.map((path) => ({ path, message: complaint })));
  return { ...given, ...fixed };
}
