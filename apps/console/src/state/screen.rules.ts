/** How the lines of a thread are laid out: days, runs of one author, the line above what is new. */
import type { Line } from './pending.rules.ts';

export type Item =
  | { readonly type: 'day'; readonly key: string; readonly ts: number }
  | { readonly type: 'new'; readonly key: string }
  | { readonly type: 'message'; readonly key: string; readonly line: Line; /** Begins a run of its author. */ readonly first: boolean; readonly last: boolean };

/** A pause this long begins a new run. */
const RUN_MS = 5 * 60_000;

/** Keys are command ids, so that a message keeps its place on the screen when its event takes over from the command. */
export function itemsOf(lines: readonly Line[], readNumber: number, me: string): readonly Item[] {
  const items: Item[] = [];
  let marked = false;
  lines.forEach((line, at) => {
    const before = lines[at - 1];
    const newDay = !before || !sameDay(before.ts, line.ts);
    const isNew = !marked && line.number > readNumber && line.actor !== me;
    marked ||= isNew;
    if (newDay) items.push({ type: 'day', key: `day-${line.command_id}`, ts: line.ts });
    if (isNew) items.push({ type: 'new', key: 'new' });
    const first = newDay || isNew || !isRun(before, line);
    items.push({ type: 'message', key: line.actor + line.command_id, line, first, last: !isRun(line, lines[at + 1]) });
  });
  return items;
}

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();
const isRun = (a: Line | undefined, b: Line | undefined): boolean => a !== undefined && b !== undefined && a.actor === b.actor && b.ts - a.ts < RUN_MS && sameDay(a.ts, b.ts);

/** "Ada, Boris and 2 others" */
export function names(all: readonly string[], most = 3): string {
  if (all.length <= 1) return all[0] ?? '';
  const rest = all.length - most;
  if (rest <= 0) return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
  return `${all.slice(0, most).join(', ')} and ${rest} ${rest === 1 ? 'other' : 'others'}`;
}

/** At most three graphemes of nothing but pictures: shown large. */
export const isPictures = (text: string): boolean => text.length <= 24 && /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) && /\p{Extended_Pictographic}/u.test(text);

/** A colour of one's own, 0 to 359, the same everywhere. */
export function hueOf(id: string): number {
  let sum = 7;
  for (let at = 0; at < id.length; at++) sum = (sum * 31 + id.charCodeAt(at)) >>> 0;
  return (sum * 47) % 360;
}

export function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 63)).join('').toUpperCase();
}
