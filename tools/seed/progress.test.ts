import { expect, test } from 'vitest';
import { Progress } from './progress.ts';

const silent = { write: () => true };

test('a line says how far, how fast and how long still', () => {
  const progress = new Progress('messages', 1000, silent);
  progress.add(250);
  expect(progress.line(5)).toBe('messages [######..................] 25 % 250/1000, 50/s, 0:15 left');
  progress.add(750);
  expect(progress.line(20)).toBe('messages [########################] 100 % 1000/1000, 50/s, took 0:20');
});

test('what was found there already is not taken for speed', () => {
  const progress = new Progress('messages', 1000, silent);
  progress.add(900, true);
  progress.add(50);
  expect(progress.line(5)).toContain('950/1000, 10/s, 0:05 left');
});

test('a terminal gets one line that moves, a file whole lines', () => {
  const write = (isTTY: boolean): string => {
    let text = '';
    new Progress('x', 0, { isTTY, columns: 20, write: (more) => (text += more) }).end();
    return text;
  };
  expect(write(true)).toBe(`\rx [${'#'.repeat(16)}\u001b[K\n`);
  expect(write(false)).toMatch(/^x \[#{24}\] 100 % 0\/0, 0\/s, took 0:00\n$/);
});
