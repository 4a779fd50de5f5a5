/** Finds the source text of a member of a JSON document, so that what a client published is carried byte for byte. */

/**
 * The text of `document[first][second]`; `undefined` if there is none. Only for text that `JSON.parse` has accepted as an
 * object. Of doubled names the last counts, as `JSON.parse` has it.
 */
export function rawMember(text: string, first: string, second: string): string | undefined {
  const outer = find(text, skipSpace(text, 0), first);
  if (!outer || text[outer.from] !== '{') return undefined;
  const inner = find(text, outer.from, second);
  return inner && text.slice(inner.from, inner.to);
}

/** The text of `document[name]`. */
export function rawField(text: string, name: string): string | undefined {
  const span = find(text, skipSpace(text, 0), name);
  return span && text.slice(span.from, span.to);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The value of a member of the object that begins at `at`. */
function find(text: string, at: number, name: string): Span | undefined {
  let found: Span | undefined;
  let key = skipSpace(text, at + 1);
  while (text.charCodeAt(key) === QUOTE) {
    const keyEnd = endOfString(text, key);
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const to = endOfValue(text, from);
    if (nameAt(text, key, keyEnd) === name) found = { from, to };
    const comma = skipSpace(text, to);
    if (text.charCodeAt(comma) !== COMMA) break;
    key = skipSpace(text, comma + 1);
  }
  return found;
}

function nameAt(text: string, from: number, to: number): string {
  const raw = text.slice(from + 1, to - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(from, to)) as string) : raw;
}

function skipSpace(text: string, at: number): number {
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** Behind the closing quote. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (char === BACKSLASH) end++;
    else if (char === QUOTE) return end + 1;
  }
  return text.length;
}

function endOfValue(text: string, at: number): number {
  const char = text.charCodeAt(at);
  if (char === QUOTE) return endOfString(text, at);
  return char === OPEN_OBJECT || char === OPEN_ARRAY ? endOfNested(text, at) : endOfWord(text, at);
}

function endOfNested(text: string, at: number): number {
  let depth = 0;
  for (let end = at; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (char === QUOTE) end = endOfString(text, end) - 1;
    else if (char === OPEN_OBJECT || char === OPEN_ARRAY) depth++;
    else if ((char === CLOSE_OBJECT || char === CLOSE_ARRAY) && --depth === 0) return end + 1;
  }
  return text.length;
}

/** Numbers, true, false, null. */
function endOfWord(text: string, at: number): number {
  let end = at;
  while (
    end < text.length &&
    text.charCodeAt(end) > 0x20 &&
    text.charCodeAt(end) !== COMMA &&
    text.charCodeAt(end) !== CLOSE_OBJECT &&
    text.charCodeAt(end) !== CLOSE_ARRAY
  )
    end++;
  return end;
}
