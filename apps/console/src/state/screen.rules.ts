/** How the lines of a thread are laid out: days, runs of one author, the line above what is new. */
import type { Line } from './pending.rules.ts';

export type Item =
  | { readonly type: 'new'; readonly key: string }
  | { readonly type: 'message'; readonly key: string; readonly line: Line; /** Begins a run of its author. */ readonly first: boolean; readonly last: boolean };

export interface Day {
  readonly key: string;
  readonly ts: number;
  readonly items: readonly Item[];
}

/** A pause this long begins a new run. */
const RUN_MS = 5 * 60_000;

/** Keys are command ids, so that a message keeps its place on the screen when its event takes over from the command. */
export function daysOf(lines: readonly Line[], readNumber: number, me: string): readonly Day[] {
  const days: { key: string; ts: number; items: Item[] }[] = [];
  const firstNew = lines.find((line) => line.number > readNumber && line.actor !== me);
  lines.forEach((line, at) => {
    const before = lines[at - 1];
    const newDay = !before || !sameDay(before.ts, line.ts);
    if (newDay) days.push({ key: new Date(line.ts).toDateString(), ts: line.ts, items: [] });
    const items = days.at(-1)?.items;
    if (line === firstNew) items?.push({ type: 'new', key: 'new' });
    const first = line === firstNew || !isRun(before, line);
    const last = lines[at + 1] === firstNew || !isRun(line, lines[at + 1]);
    items?.push({ type: 'message', key: line.actor + line.command_id, line, first, last });
  });
  return days;
}

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();
const isRun = (a: Line | undefined, b: Line | undefined): boolean =>
  a !== undefined && b !== undefined && a.actor === b.actor && b.ts - a.ts < RUN_MS && sameDay(a.ts, b.ts);

/** "Ada, Boris and 2 others" */
export function names(all: readonly string[], most = 3): string {
  if (all.length <= 1) return all[0] ?? '';
  const rest = all.length - most;
  if (rest <= 0) return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
  return `${all.slice(0, most).join(', ')} and ${rest} ${rest === 1 ? 'other' : 'others'}`;
}

/** At most three graphemes of nothing but pictures: shown large. */
export const isPictures = (text: string): boolean =>
  text.length <= 24 && /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) && /\p{Extended_Pictographic}/u.test(text);

/** A colour of one's own, 0 to 359, the same everywhere; golden steps keep neighbours apart. */
export function hueOf(id: string): number {
  let sum = 2_166_136_261;
  for (let at = 0; at < id.length; at++) sum = Math.imul(sum ^ id.charCodeAt(at), 16_777_619) >>> 0;
  return Math.round((sum % 1_009) * 137.508) % 360;
}

export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s._-]+/)
    .filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 63))
    .join('')
    .toUpperCase();
}
