/** JSON as a credential may be written: one reading only, whoever reads it. */
import { isUtf8 } from 'node:buffer';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Levels of arrays and objects in a token. */
const MAX_DEPTH = 16;

/**
 * Parses bytes that must be valid UTF-8 and one JSON object without a doubled name at any level.
 * `undefined` for everything else: with doubled names two readers may see two tokens (`exp` twice), and one of them was not checked.
 */
export function parseStrictObject(bytes: Buffer): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && hasUniqueNames(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;

/** Only for text that `JSON.parse` has accepted, so strings and brackets are known to be whole. */
function hasUniqueNames(text: string): boolean {
  const levels: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      const names = levels.at(-1);
      if (names && isName(text, end) && !isNew(names, text.slice(at, end))) return false;
      at = end - 1;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (levels.push(char === OPEN_BRACE ? new Set() : undefined) > MAX_DEPTH) return false;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) levels.pop();
  }
  return true;
}

/** Index after the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let char = text.charCodeAt(at); char !== QUOTE; char = text.charCodeAt(at)) at += char === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** A string followed by a colon names a member. White space of JSON is at or below the space. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (text.charCodeAt(at) <= SPACE) at++;
  return text.charCodeAt(at) === COLON;
}

/** Compared unescaped: "\u0065xp" is "exp". */
function isNew(names: Set<string>, quoted: string): boolean {
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  const before = names.size;
  return names.add(name).size > before;
}
