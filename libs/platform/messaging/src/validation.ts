/** Applies a contract's schema on the bus. */
import { VecheError } from '@veche/contracts';
import { z } from 'zod';

/**
 * The data as the schema reads it. Fields it does not know are dropped, not refused: the sender may be a release ahead.
 * @throws VecheError `bad_request` naming each field that is wrong
 */
export function validated<S extends z.ZodType>(schema: S, data: unknown): z.infer<S> {
  const parsed = lenient(schema).safeParse(data);
  if (parsed.success) return parsed.data as z.infer<S>;
  const details = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new VecheError('bad_request', details.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; '), details);
}

const known = new WeakMap<z.ZodType, z.ZodType>();

/** The schema without the strictness of its outermost object, which is for client doors. */
function lenient(schema: z.ZodType): z.ZodType {
  const found = known.get(schema);
  if (found) return found;
  const made = schema instanceof z.ZodObject && schema.def.catchall instanceof z.ZodNever ? schema.strip() : schema;
  known.set(schema, made);
  return made;
}
