import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { fileOf, type SchemaFiles } from './kubernetes.ts';
import { type ApiSchema, strict } from './strict.ts';

interface Definition {
  readonly kind?: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema: ApiSchema } }[];
  };
}

/** One file for each version of each CustomResourceDefinition in the files that match. */
export function crdSchemas(folder: string, pattern: string): SchemaFiles {
  const definitions = globSync(pattern, { cwd: folder }).flatMap((file) => definitionsIn(readFileSync(join(folder, file), 'utf8')));
  return Object.fromEntries(
    definitions.flatMap(({ spec: { group, names, versions } }) =>
      versions.map(({ name, schema }) => [fileOf(group, name, names.kind), JSON.stringify(ofObject(schema?.openAPIV3Schema ?? {}))]),
    ),
  );
}

const definitionsIn = (text: string): Definition[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Definition | null)
    .filter((each): each is Definition => each?.kind === 'CustomResourceDefinition');

/** A definition leaves metadata to the API server. */
function ofObject(schema: ApiSchema): Record<string, unknown> {
  const closed = strict(schema);
  return { ...closed, properties: { ...(closed['properties'] as object), metadata: { type: 'object' } } };
}
