import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { ChartProblem, type Schema } from './schema.ts';

/** One key of values.yaml with what is written above it. */
export interface Value {
  readonly name: string;
  /** As --set has it: `services.websocket.replicas`. */
  readonly path: string;
  readonly description: string | undefined;
  /** What `@schema` adds to what the default says. */
  readonly schema: Schema | undefined;
  readonly default: unknown;
  /** The keys of a map. */
  readonly children: readonly Value[];
}

/**
 * Reads an annotated values.yaml; the format is in charts/README.md.
 * @throws ChartProblem when it is no map, or an annotation cannot be read
 */
export function readValues(text: string): readonly Value[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  if (error) throw new ChartProblem(error.message);
  const lines = text.split('\n');
  /** Only a key that begins its line has the comment above it; in `{ a: 1 }` the comment is of the whole. */
  const above = (key: Scalar): readonly string[] => {
    const { line, col } = lineCounter.linePos(key.range?.[0] ?? 0);
    return /^\s*$/.test((lines[line - 1] ?? '').slice(0, col - 1)) ? commentAbove(lines, line - 1) : [];
  };
  return valuesOf(document.contents, '', above);
}

function valuesOf(node: Node | null, path: string, above: (key: Scalar) => readonly string[]): readonly Value[] {
  if (!isMap(node)) return [];
  return node.items.map(({ key, value }) => {
    if (!isScalar(key)) throw new ChartProblem(`${path || 'values.yaml'}: keys are plain names`);
    const name = String(key.value);
    const here = path ? `${path}.${name}` : name;
    return {
      name,
      path: here,
      ...annotation(above(key), here),
      default: plain(value as Node | null, here),
      children: valuesOf(value as Node | null, here, above),
    };
  });
}

/** Lines of comment right above, without their #. */
function commentAbove(lines: readonly string[], index: number): readonly string[] {
  let first = index;
  while (/^\s*#/.test(lines[first - 1] ?? '')) first--;
  return lines.slice(first, index).map((line) => line.replace(/^\s*# ?/, ''));
}

function annotation(comment: readonly string[], path: string): Pick<Value, 'description' | 'schema'> {
  const start = comment.findLastIndex((line) => line.startsWith('-- '));
  const lines = start < 0 ? [] : comment.slice(start);
  const at = lines.findIndex((line) => line.startsWith('@schema'));
  const text = lines.slice(0, at < 0 ? undefined : at).join('\n');
  return { description: text.slice(3).replaceAll(/\s+/g, ' ').trim() || undefined, schema: at < 0 ? undefined : schemaIn(lines.slice(at).join('\n'), path) };
}

function schemaIn(text: string, path: string): Schema {
  try {
    return JSON.parse(text.slice('@schema'.length)) as Schema;
  } catch (error) {
    throw new ChartProblem(`${path}: what follows @schema is not JSON: ${(error as Error).message}`);
  }
}

function plain(node: Node | null, path: string): unknown {
  if (node === null) return null;
  if (isAlias(node)) throw new ChartProblem(`${path}: an alias cannot be overridden by itself; write the value out`);
  if (isMap(node) || isSeq(node) || isScalar(node)) return node.toJSON() as unknown;
  throw new ChartProblem(`${path} is neither a map, a list nor a plain value`);
}
