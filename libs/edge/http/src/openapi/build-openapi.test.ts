import { OPERATIONS } from '@veche/contracts';
import { expect, test } from 'vitest';
import { buildOpenApi } from './build-openapi.ts';

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly properties: object; readonly required?: string[] } } };
  };
  readonly responses: Record<string, unknown>;
}
const document = buildOpenApi() as { openapi: string; paths: Record<string, Record<string, Described>>; components: { schemas: object } };
const all = Object.entries(document.paths).flatMap(([path, verbs]) => Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation })));

test('describes every row of the operation table', () => {
  expect(all.map(({ operation }) => operation.operationId)).toEqual(expect.arrayContaining(Object.keys(OPERATIONS)));
});

test('operation ids are unique', () => {
  const ids = all.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every reference leads somewhere', () => {
  const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target ?? '');
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) expect(document.components.schemas).toHaveProperty(name.replace('#/components/schemas/', ''));
});

test.each(all)('$verb $path names its path parameters and no others', ({ path, operation }) => {
  const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
});

test('a body leaves out what the path and the header bring', () => {
  const send = document.paths['/chat/threads/{thread}/messages']?.post;
  expect(Object.keys(send?.requestBody?.content['application/json'].schema.properties ?? {})).toEqual(['text', 'reply_to', 'attachments']);
  expect(send?.requestBody?.content['application/json'].schema.required).toEqual(['text']);
  expect(send?.parameters?.map(({ name }) => name)).toEqual(['thread', 'Idempotency-Key']);
  expect(Object.keys(send?.responses ?? {})).toEqual(['201', 'default']);
});

test('is plain JSON and the same every time', () => {
  expect(JSON.stringify(buildOpenApi())).toBe(JSON.stringify(document));
  expect(JSON.stringify(document)).not.toContain('$defs');
});
