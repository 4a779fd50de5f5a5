import { expect, test } from 'vitest';
import type { Line } from './pending.rules.ts';
import { daysOf, hueOf, initials, isPictures, names } from './screen.rules.ts';

const NOON = new Date(2025, 5, 1, 12).getTime();
const line = (number: number, actor: string, minutes: number): Line => ({
  id: `id-${number}`,
  channel: 'thread:1',
  seq: number,
  number,
  actor,
  command_id: `c-${number}`,
  ts: NOON + minutes * 60_000,
  text: 'x',
  reactions: {},
  folded_to: number,
});
const layout = (lines: readonly Line[], read = Number.MAX_SAFE_INTEGER) =>
  daysOf(lines, read, 'me').map((day) =>
    day.items.map((item) => (item.type === 'new' ? 'new' : `${item.first ? '[' : ''}${item.line.number}${item.last ? ']' : ''}`)).join(' '),
  );

test('runs of one author are kept together until a pause, another author or another day', () => {
  expect(layout([line(1, 'a', 0), line(2, 'a', 1), line(3, 'b', 2), line(4, 'b', 9), line(5, 'b', 24 * 60)])).toEqual(['[1 2] [3] [4]', '[5]']);
});

test("the line above what is new breaks a run and stands above somebody else's message", () => {
  expect(layout([line(1, 'a', 0), line(2, 'a', 1)], 1)).toEqual(['[1] new [2]']);
  expect(layout([line(1, 'me', 0), line(2, 'me', 1)], 1)).toEqual(['[1 2]']);
});

test.each([
  [[], ''],
  [['Ada'], 'Ada'],
  [['Ada', 'Bo'], 'Ada and Bo'],
  [['Ada', 'Bo', 'Cy'], 'Ada, Bo and Cy'],
  [['Ada', 'Bo', 'Cy', 'Di'], 'Ada, Bo, Cy and 1 other'],
])('%j reads "%s"', (all, text) => expect(names(all)).toBe(text));

test('pictures alone are shown large, numbers and words are not', () => {
  expect(['🎉', '👩‍👩‍👧', '❤️ 👍'].every(isPictures)).toBe(true);
  expect(['1', '🎉 yes', '', ' '].some(isPictures)).toBe(false);
});

test('initials are whole characters of any script', () => {
  expect(['Ada Lovelace', 'mira', '田中 健', '😀 x', ''].map(initials)).toEqual(['AL', 'M', '田健', '😀X', '?']);
});

test('a hue is stable and within the circle', () => {
  expect(hueOf('u-1')).toBe(hueOf('u-1'));
  expect(hueOf('x'.repeat(99))).toBeLessThan(360);
});
