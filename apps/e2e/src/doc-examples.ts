/** The fenced examples of a page of the docs: commands, and what they are shown to print. */

export interface DocExample {
  /** Line of the page on which the commands begin. */
  readonly line: number;
  readonly commands: string;
  /** `json`: the shape of the last line; `text`: parts that appear in this order. */
  readonly shown?: { readonly kind: 'json' | 'text'; readonly text: string };
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

export function examplesOf(markdown: string): readonly DocExample[] {
  const examples: DocExample[] = [];
  for (const { 1: kind, 2: text = '', index } of markdown.matchAll(FENCE)) {
    const last = examples.at(-1);
    if (kind === 'sh') examples.push({ line: markdown.slice(0, index).split('\n').length, commands: text });
    else if ((kind === 'json' || kind === 'text') && last && !last.shown) examples[examples.length - 1] = { ...last, shown: { kind, text } };
  }
  return examples;
}

/** Why the output is not what the page shows; undefined when it is. */
export function mismatch({ shown }: DocExample, output: string): string | undefined {
  if (!shown) return undefined;
  if (shown.kind === 'text') return missingPart(shown.text, output);
  const line = output.trim().split('\n').at(-1) ?? '';
  // Several commands of an example print on one line: the last document counts.
  const document = lastDocument(line);
  return document === undefined ? `no JSON in ${line}` : differs(JSON.parse(shown.text), document, '');
}

function missingPart(shown: string, output: string): string | undefined {
  let from = 0;
  for (const part of shown
    .split('\n')
    .flatMap((line) => line.split('…'))
    .map((piece) => piece.trim())
    .filter(Boolean)) {
    const at = output.indexOf(part, from);
    if (at < 0) return `${part} is not in the output after character ${from}`;
    from = at + part.length;
  }
  return undefined;
}

function lastDocument(line: string): unknown {
  for (let at = line.lastIndexOf('{'); at >= 0; at = line.lastIndexOf('{', at - 1)) {
    if (at > 0 && line[at - 1] !== '}') continue;
    try {
      return JSON.parse(line.slice(at));
    } catch {
      // Begins inside a document: look further left.
    }
  }
  return undefined;
}

/** Every field that is shown is there with that value; `…` stands for any text, a number over 1,000 for any number. */
function differs(shown: unknown, actual: unknown, path: string): string | undefined {
  if (typeof shown === 'string' && typeof actual === 'string') return matches(shown, actual) ? undefined : `${path}: ${actual} is not ${shown}`;
  if (typeof shown === 'number' && shown > 1_000) return typeof actual === 'number' ? undefined : `${path} is no number`;
  if (Array.isArray(shown)) {
    if (!Array.isArray(actual) || actual.length !== shown.length) return `${path}: not ${shown.length} elements`;
    return shown.map((element, index) => differs(element, actual[index], `${path}[${index}]`)).find(Boolean);
  }
  if (typeof shown === 'object' && shown !== null) {
    const fields = (actual ?? {}) as Record<string, unknown>;
    return Object.entries(shown)
      .map(([name, value]) => differs(value, fields[name], `${path}.${name}`))
      .find(Boolean);
  }
  return Object.is(shown, actual) ? undefined : `${path}: ${JSON.stringify(actual)} is not ${JSON.stringify(shown)}`;
}

const matches = (shown: string, actual: string): boolean =>
  new RegExp(
    `^${shown
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[\\s\\S]*')}$`,
  ).test(actual);
