/** Long answers travel in parts: no fan-out must carry more in one signal than a client may send in a message. */
import type { NodeAnswer } from '@veche/contracts';

/** Characters; of JSON, so hardly ever more than as many bytes, and three times as many at most. */
const PART = 16_000;
/** Characters of one answer: past it the question must be put more narrowly. */
export const MAX_ANSWER = 4_000_000;

export function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length || at === 0;) {
    const end = wholeUntil(text, at + PART);
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

/** A character of two units must not be torn apart: each half by itself has no UTF-8. */
function wholeUntil(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1);
  return end < text.length && unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end;
}

/** Puts the parts of one node's answer together. Those of different attempts are kept apart: what is shown may have changed between them. */
export class Assembly {
  private readonly attempts = new Map<number, (string | undefined)[]>();

  /** @returns the whole text with the last part of an attempt */
  add({ attempt, part, parts, text }: Pick<NodeAnswer, 'attempt' | 'part' | 'parts' | 'text'>): string | undefined {
    if (part >= parts) return undefined;
    if (parts === 1) return text;
    let found = this.attempts.get(attempt);
    if (!found) this.attempts.set(attempt, (found = Array.from({ length: parts }, () => undefined)));
    if (found.length !== parts) return undefined;
    found[part] = text;
    return found.includes(undefined) ? undefined : found.join('');
  }
}
