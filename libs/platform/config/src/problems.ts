/** What is wrong with the configuration, in words an operator can act on without reading code. */
import { z } from 'zod';
import type { Setting } from './setting.ts';

/** All that is wrong with the environment at once: an operator restarts once, not once per mistake. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`Configuration: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** One sentence: the variable, what was given unless it is secret, what is allowed. */
export function problemOf(name: string, given: string | undefined, { schema, secret }: Setting, error: z.ZodError): string {
  const allowed = `allowed: ${allowedBy(schema)}`;
  if (given === undefined) return `${name} is required (${allowed})`;
  // A schema's own sentence may quote the input, so a secret gets none of it.
  const reason = secret ? '' : `: ${error.issues.map((issue) => issue.message).join(', ')}`;
  return `${name} is ${secret ? 'not valid (its value is secret and not shown)' : JSON.stringify(given)}${reason} (${allowed})`;
}

/** What a schema takes, for people: `.meta({ allowed: 'text' })` wins over what can be read off the schema. */
export function allowedBy(schema: z.ZodType): string {
  const { allowed, pattern, format, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  if (allowed) return allowed;
  if (json.enum) return json.enum.join(' | ');
  if (json.type === 'integer' || json.type === 'number') return range(json);
  if (format === 'uri') return 'a URL';
  return pattern ? `text like ${pattern}` : 'text';
}

/** A setting's default as it would be written in the environment; undefined when there is none. */
export function defaultOf(schema: z.ZodType): string | undefined {
  // By parsing: the JSON schema of anything that transforms its input has no default.
  const { data } = schema.safeParse(undefined);
  if (data === undefined) return undefined;
  if (Array.isArray(data)) return data.join(',');
  if (typeof data !== 'object') return String(data);
  const pairs = Object.entries(data ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  return pairs.length > 0 ? pairs.join(',') : undefined;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly allowed?: string;
}

function range({ type, minimum, maximum }: JsonSchema): string {
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  const lowest = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  const highest = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (lowest && highest) return `${noun} from ${minimum} to ${maximum}`;
  if (lowest) return `${noun} from ${minimum}`;
  return highest ? `${noun} up to ${maximum}` : noun;
}
