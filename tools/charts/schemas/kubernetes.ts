import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiSchema, strict } from './strict.ts';

/** Texts by file name: `<group>_<version>_<kind>.json`, in lower case, as kubeconform asks for them; the core group has no name, and is called as its version. */
export type SchemaFiles = Readonly<Record<string, string>>;

export const fileOf = (group: string, version: string, kind: string): string => `${group || version}_${version}_${kind}.json`.toLowerCase();

/** One file for each kind of Kubernetes, from the OpenAPI document in the folder of its module. */
export function kubernetesSchemas(folder: string): SchemaFiles {
  const { definitions } = JSON.parse(readFileSync(join(folder, 'api/openapi-spec/swagger.json'), 'utf8')) as { definitions: Record<string, ApiSchema> };
  const closed = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, strict(schema, name)]));
  return Object.fromEntries(
    Object.entries(definitions).flatMap(([name, schema]) =>
      (schema['x-kubernetes-group-version-kind'] ?? []).map(({ group, version, kind }) => [fileOf(group, version, kind), selfContained(closed, name)]),
    ),
  );
}

/** With what it refers to, and no more: all of Kubernetes in each file would be a gigabyte. */
function selfContained(definitions: Readonly<Record<string, unknown>>, name: string): string {
  const used: Record<string, unknown> = {};
  const visit = (each: string): void => {
    if (each in used) return;
    used[each] = definitions[each];
    for (const [, next = ''] of JSON.stringify(definitions[each]).matchAll(/"#\/definitions\/([^"]+)"/g)) visit(next);
  };
  visit(name);
  return JSON.stringify({ $ref: `#/definitions/${name}`, definitions: used });
}
