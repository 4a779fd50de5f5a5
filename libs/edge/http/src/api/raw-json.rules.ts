/**
 * Takes JSON text apart without changing it: what a backend publishes is kept as it was written,
 * with the digits of its numbers and the order of its keys. Only for text that JSON.parse has accepted.
 */
import { endOfString } from '@veche/edge-realtime';

/** The members of an object, each value as its own text. A name given twice counts as JSON.parse counts it: the last one. */
export function membersOf(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const part of partsOf(text)) {
    const quote = part.indexOf('"');
    const end = endOfString(part, quote);
    members.set(JSON.parse(part.slice(quote, end + 1)) as string, part.slice(part.indexOf(':', end) + 1).trim());
  }
  return members;
}

/** The elements of an array, each as its own text. */
export const elementsOf = (text: string): readonly string[] => partsOf(text).map((part) => part.trim());

/** What stands between the commas of the outermost object or array. */
function partsOf(text: string): readonly string[] {
  const body = text.trim();
  const parts: string[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 1; at < body.length - 1; at++) {
    const char = body[at];
    if (char === '"') at = endOfString(body, at);
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(body.slice(from, at));
      from = at + 1;
    }
  }
  const last = body.slice(from, -1);
  return last.trim() ? [...parts, last] : parts;
}
