/** Where the namespaces stand: in the variable itself, or in a file that it names. */
import { readFileSync } from 'node:fs';
import type { z } from 'zod';

export interface Problem {
  /** Where in the document, and what to do. */
  readonly message: string;
}

/**
 * Parses JSON text, or `@` and the path of a file that holds it.
 * @throws never: every problem of the document is in the answer
 */
export function parseSource<S extends z.ZodType>(source: string, schema: S): { readonly data: z.infer<S> } | { readonly problems: readonly Problem[] } {
  const document = documentOf(source);
  if ('problems' in document) return document;
  const parsed = schema.safeParse(document.json);
  return parsed.success
    ? { data: parsed.data }
    : { problems: parsed.error.issues.map((issue) => ({ message: `${place(issue.path, document.json)}${issue.message}` })) };
}

function documentOf(source: string): { readonly json: unknown } | { readonly problems: readonly Problem[] } {
  const path = source.startsWith('@') ? source.slice(1) : undefined;
  try {
    return { json: JSON.parse(path === undefined ? source : readFileSync(path, 'utf8')) as unknown };
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
    return { problems: [{ message: `${path === undefined ? 'the text' : `the file ${path}`} ${what}: ${(error as Error).message}` }] };
  }
}

/** `[2] "news" history_ttl: `: an operator finds the entry by its name. */
function place(path: readonly PropertyKey[], json: unknown): string {
  const [index] = path;
  const name = typeof index === 'number' && Array.isArray(json) ? (json[index] as { name?: unknown } | null)?.name : undefined;
  const parts = [typeof index === 'number' ? `[${index}]` : index, typeof name === 'string' ? `"${name}"` : undefined, ...path.slice(1)];
  const text = parts.filter((part) => part !== undefined).join(' ');
  return text === '' ? '' : `${text}: `;
}
