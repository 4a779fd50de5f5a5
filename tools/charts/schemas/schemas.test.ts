import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crdSchemas } from './crds.ts';
import { kubernetesSchemas } from './kubernetes.ts';
import { strict } from './strict.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'veche-schemas-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('maps with known fields are closed, free ones and preserved ones stay open', () => {
  const properties = { a: { type: 'string', format: 'int32' } };
  expect(strict({ type: 'object', properties })).toEqual({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false });
  expect(strict({ type: 'object', properties, 'x-kubernetes-preserve-unknown-fields': true })).not.toHaveProperty('additionalProperties');
  expect(strict({ type: 'object', additionalProperties: { type: 'string' } })).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
});

test('a port may be a name, and a quantity a number', () => {
  expect(strict({ type: 'string', format: 'int-or-string' })).toEqual({ oneOf: [{ type: 'string' }, { type: 'integer' }] });
  expect(strict({ type: 'string' }, 'io.k8s.apimachinery.pkg.api.resource.Quantity')).toEqual({ oneOf: [{ type: 'string' }, { type: 'number' }] });
});

test('a kind of Kubernetes comes with what it refers to, and no more', () => {
  mkdirSync(join(folder, 'api/openapi-spec'), { recursive: true });
  const definitions = {
    pod: {
      type: 'object',
      properties: { spec: { $ref: '#/definitions/spec' } },
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
    },
    spec: { type: 'object', properties: { a: { type: 'string' } } },
    other: { type: 'object' },
  };
  writeFileSync(join(folder, 'api/openapi-spec/swagger.json'), JSON.stringify({ definitions }));
  const files = kubernetesSchemas(folder);
  expect(Object.keys(files)).toEqual(['v1_v1_pod.json']);
  expect(Object.keys((JSON.parse(files['v1_v1_pod.json'] ?? '') as { definitions: object }).definitions)).toEqual(['pod', 'spec']);
});

test('each version of a definition has a file; what is no definition is passed over', () => {
  const version = { name: 'v1beta1', schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' }, metadata: { type: 'object' } } } } };
  const crd = { kind: 'CustomResourceDefinition', spec: { group: 'example.com', names: { kind: 'Thing' }, versions: [version] } };
  writeFileSync(join(folder, 'a.yaml'), `${JSON.stringify(crd)}\n---\nkind: Kustomization\n`);
  const files = crdSchemas(folder, '*.yaml');
  expect(Object.keys(files)).toEqual(['example.com_v1beta1_thing.json']);
  expect(JSON.parse(files['example.com_v1beta1_thing.json'] ?? '')).toMatchObject({
    additionalProperties: false,
    properties: { metadata: { type: 'object' } },
  });
});
