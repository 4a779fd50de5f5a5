/** JSON Schema as Kubernetes publishes it. */
export interface ApiSchema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly additionalProperties?: boolean | ApiSchema;
  readonly items?: ApiSchema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  readonly [keyword: string]: unknown;
}

const INT_OR_STRING = { oneOf: [{ type: 'string' }, { type: 'integer' }] };
const QUANTITY = { oneOf: [{ type: 'string' }, { type: 'number' }] };

/** Kept out: what only servers understand, and formats that no validator knows (int32, CEL rules). */
const KEPT = ['description', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'required', 'type', 'minProperties'];

/** Like the API server under `fieldValidation: Strict`: a field that nobody knows is an error. */
export function strict(schema: ApiSchema, name = ''): Record<string, unknown> {
  if (name.endsWith('.api.resource.Quantity')) return QUANTITY;
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return INT_OR_STRING;
  if (schema.$ref) return { $ref: schema.$ref };
  const kept = Object.fromEntries(Object.entries(schema).filter(([keyword]) => KEPT.includes(keyword)));
  return { ...kept, ...children(schema), ...alternatives(schema) };
}

function children({ properties, additionalProperties, items, ...rest }: ApiSchema): Record<string, unknown> {
  const open = rest['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, strict(each)])) }),
    ...(properties && !open && !additionalProperties && { additionalProperties: false }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: strict(additionalProperties) }),
    ...(items && { items: strict(items) }),
  };
}

/** Only $ref in a list of its own: the others repeat parts of a map, which would be closed one by one. */
function alternatives({ allOf }: ApiSchema): Record<string, unknown> {
  const [only, ...more] = (allOf ?? []) as ApiSchema[];
  return only?.$ref && more.length === 0 ? { $ref: only.$ref } : {};
}
