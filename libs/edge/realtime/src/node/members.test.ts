import { expect, it } from 'vitest';
import { Members } from './members.ts';

it('knows a node until three beats have passed without a sign of it', () => {
  const members = new Members('a');
  expect(members.heard('b')).toBe(true);
  expect(members.heard('b')).toBe(false);
  for (let n = 0; n < 3; n++) expect(members.beat()).toEqual([]);
  expect(members.has('b')).toBe(true);
  expect(members.beat()).toEqual(['b']);
  expect([members.has('b'), members.others]).toEqual([false, []]);
});

it('begins to count anew with every sign', () => {
  const members = new Members('a');
  members.heard('b');
  for (let n = 0; n < 50; n++) {
    expect(members.beat()).toEqual([]);
    if (n % 3 === 2) members.heard('b');
  }
});

it('is never gone itself, and forgets at once who says goodbye', () => {
  const members = new Members('a');
  expect(members.heard('a')).toBe(false);
  members.heard('b');
  expect([members.left('b'), members.left('b')]).toEqual([true, false]);
  for (let n = 0; n < 9; n++) members.beat();
  expect([members.has('a'), members.others]).toEqual([true, []]);
});
