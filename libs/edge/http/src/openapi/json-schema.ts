/** Our zod schemas as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

const ANY_JSON = /\{"\$ref":"#\/\$defs\/__schema\d+"\}/g;

/** What a client may send. Any-JSON fields become the empty schema: their recursive definition says nothing more. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, $defs: _any, ...own } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(own).replace(ANY_JSON, '{}')) as JsonSchema;
}

/** The fields of an object schema, each by itself. */
export const fieldsOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> => (schema.properties ?? {}) as Record<string, JsonSchema>;

export const isRequired = (schema: JsonSchema, name: string): boolean => ((schema.required ?? []) as string[]).includes(name);

/** The schema without fields that another place of the request brings. */
export function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const properties = Object.fromEntries(Object.entries(fieldsOf(schema)).filter(([name]) => !names.includes(name)));
  const required = ((schema.required ?? []) as string[]).filter((name) => !names.includes(name));
  const { required: _all, ...rest } = schema;
  return { ...rest, properties, ...(required.length && { required }) };
}

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
