/** Bytes of a request's body to a JSON value, or an error that says what is wrong with them. */
import { isUtf8 } from 'node:buffer';
import { MAX_JSON_DEPTH, MAX_MESSAGE_BYTES, VecheError } from '@veche/contracts';

/** The body as text: bounded, valid UTF-8, valid JSON, not nested too deep. @throws VecheError */
export function jsonTextOf(bytes: Buffer): string {
  return readJson(bytes).text;
}

/** The body as a value; no body at all is `undefined`. @throws VecheError */
export function parseJsonBody(bytes: Buffer | undefined): unknown {
  return bytes?.length ? readJson(bytes).value : undefined;
}

function readJson(bytes: Buffer): { readonly text: string; readonly value: unknown } {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new VecheError('too_large');
  if (!isUtf8(bytes)) throw new VecheError('bad_request', 'the body is not valid UTF-8');
  const text = bytes.toString('utf8');
  // Before parsing: what is done with the value later may recurse, and a stack must not overflow on a client's wish.
  if (depthOf(text) > MAX_JSON_DEPTH) throw new VecheError('bad_request', `the body nests deeper than ${MAX_JSON_DEPTH} levels`);
  try {
    return { text, value: JSON.parse(text) as unknown };
  } catch {
    throw new VecheError('bad_request', 'the body is not valid JSON');
  }
}

/** Deepest nesting of brackets outside strings; right for valid JSON, harmless for anything else. */
export function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === BRACE || unit === BRACKET) deepest = Math.max(deepest, ++depth);
    else if (unit === BRACE + 2 || unit === BRACKET + 2) depth--;
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Index of the closing quote; the text's end when there is none. */
export function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === BACKSLASH) at++;
    else if (unit === QUOTE) return at;
  }
  return text.length;
}
