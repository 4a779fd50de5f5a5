import { parseAllDocuments } from 'yaml';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

/** The objects in a manifest. @throws Error when it is not YAML, or a map has a key twice */
export function objectsIn(manifest: string): readonly KubeObject[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`${error.message}\n${/# Source: .*/.exec(manifest)?.[0] ?? ''}`);
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

export const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name ?? ''}`;
