/** The operation table as OpenAPI paths. */
import { type Operation, OPERATIONS } from '@veche/contracts';
import { ANSWER_OF } from './answers.ts';
import { fieldsOf, isRequired, type JsonSchema, ref, schemaOf, without } from './json-schema.ts';

export type Paths = Record<string, Record<string, unknown>>;

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The command_id: the same key again answers with what was done the first time',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,64}$' },
};

export function addOperations(paths: Paths): void {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const path = operation.route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[operation.route.verb.toLowerCase()] = describe(name, operation);
  }
}

function describe(name: string, operation: Operation): JsonSchema {
  const { route, summary, becomes } = operation;
  const schema = schemaOf(operation.params);
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter ?? '');
  const rest = without(schema, [...inPath, ...(inPath.includes('thread') ? ['channel'] : []), 'command_id']);
  const parameters = [
    ...inPath.map((parameter) => ({ name: parameter, in: 'path', required: true, schema: fieldsOf(schema)[parameter] ?? { type: 'string' } })),
    ...(route.verb === 'GET' ? queryOf(rest) : []),
    ...(becomes.shape === 'command' ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId: name,
    summary,
    tags: [name.split('.')[0]],
    parameters,
    ...(route.verb !== 'GET' && Object.keys(fieldsOf(rest)).length > 0 && { requestBody: bodyOf(rest) }),
    responses: responses(route.status, ANSWER_OF[name] ?? 'CommandResult'),
  };
}

const queryOf = (schema: JsonSchema): JsonSchema[] =>
  Object.entries(fieldsOf(schema)).map(([name, field]) => ({ name, in: 'query', required: isRequired(schema, name), schema: field }));

export const bodyOf = (schema: JsonSchema): JsonSchema => ({ required: true, content: { 'application/json': { schema } } });

export const responses = (status: number, answer: string): JsonSchema => ({
  [status]: { description: 'Done', content: { 'application/json': { schema: ref(answer) } } },
  default: { description: 'Not done; `error` says why and what to do', content: { 'application/json': { schema: ref('Error') } } },
});
