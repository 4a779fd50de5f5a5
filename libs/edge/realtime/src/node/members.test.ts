import { expect, it } from 'vitest';
import { Members } from './members.ts';

it('knows a node until three beats have passed without a sign of it while another is heard', () => {
  const members = new Members('a');
  expect(members.heard('b')).toBe(true);
  expect(members.heard('b')).toBe(false);
  const beat = (): readonly string[] => {
    members.heard('c');
    return members.beat();
  };
  for (let n = 0; n < 3; n++) expect(beat()).toEqual([]);
  expect(members.has('b')).toBe(true);
  expect(beat()).toEqual(['b']);
  expect([members.has('b'), members.others, members.isCutOff]).toEqual([false, ['c'], false]);
});

it('begins to count anew with every sign', () => {
  const members = new Members('a');
  for (let n = 0; n < 50; n++) {
    if (n % 3 === 0) members.heard('b');
    members.heard('c');
    expect(members.beat()).toEqual([]);
  }
});

it('takes nobody for dead when nobody at all is heard, until that has lasted', () => {
  const members = new Members('a');
  for (const node of ['b', 'c']) members.heard(node);
  members.beat();
  for (let n = 1; n < 10; n++) {
    expect(members.beat()).toEqual([]);
    expect(members.isCutOff).toBe(n >= 3);
  }
  members.heard('c');
  expect([members.isCutOff, members.beat(), members.has('b')]).toEqual([false, [], true]);
  for (let n = 1; n < 10; n++) members.beat();
  expect(members.beat()).toEqual(['b', 'c']);
  expect(members.isCutOff).toBe(false);
});

it('is never gone itself, and forgets at once who says goodbye', () => {
  const members = new Members('a');
  expect(members.heard('a')).toBe(false);
  members.heard('b');
  expect([members.left('b'), members.left('b')]).toEqual([true, false]);
  for (let n = 0; n < 30; n++) members.beat();
  expect([members.has('a'), members.others, members.isCutOff]).toEqual([true, [], false]);
});
