/** Checks what a client sent before anything is done with it: the same rules for RPC and REST. */
import { type FieldProblem, MAX_JSON_DEPTH, VecheError } from '@veche/contracts';
import type { z } from 'zod';

/** Problems that a message spells out; the rest are in `details`. */
const SPELLED_OUT = 5;

/** Keys that change what an object is once it is copied field by field. */
const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The parameters as their schema reads them.
 * @throws VecheError `bad_request` that names every field at fault, so that one answer is enough to correct them all.
 */
export function parseParams<S extends z.ZodType>(schema: S, params: unknown): z.infer<S> {
  const poison = findPoison(params ?? {}, '', 1);
  if (poison) throw badRequest([poison]);
  const parsed = schema.safeParse(params ?? {});
  if (parsed.success) return parsed.data;
  throw badRequest(parsed.error.issues.flatMap(problemsOf));
}

export function badRequest(problems: readonly FieldProblem[]): VecheError {
  const shown = problems.slice(0, SPELLED_OUT).map(({ path, message }) => (path ? `${path} ${message}` : message));
  const rest = problems.length - shown.length;
  return new VecheError('bad_request', `${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`, problems);
}

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a field of this operation' }));
  return [{ path, message: sentence(issue) }];
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return issue.message.endsWith('received undefined') ? 'is missing' : issue.message.replace('Invalid input: expected', 'must be');
}

/**
 * NUL and half surrogate pairs cannot be stored as text: refused here they cost one client an answer,
 * found by the database they would fail the whole batch that they travel in.
 */
function findPoison(value: unknown, path: string, depth: number): FieldProblem | undefined {
  if (typeof value === 'string')
    return value.includes('\0') || !value.isWellFormed() ? { path, message: 'must not contain NUL or half of a surrogate pair' } : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_JSON_DEPTH) return { path: '', message: `must not nest deeper than ${MAX_JSON_DEPTH} levels` };
  for (const [key, inner] of Object.entries(value)) {
    const where = path ? `${path}.${key}` : key;
    if (POISON.has(key)) return { path: where, message: 'is not allowed as a name' };
    const found = findPoison(inner, where, depth + 1);
    if (found) return found;
  }
  return undefined;
}
