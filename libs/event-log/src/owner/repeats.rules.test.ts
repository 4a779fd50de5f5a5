import { expect, test } from 'vitest';
import type { Admitted } from './admission.rules.ts';
import { repeatsWithin, unversioned } from './repeats.rules.ts';

const command = (index: number, command_id: string, actor = 'alice', channel = 'thread:1'): Admitted =>
  ({ index, envelope: { channel, actor, command_id } }) as unknown as Admitted;

test('the first of a key is worked on, the others answered like it', () => {
  const { first, again } = repeatsWithin([command(0, 'a'), command(1, 'b'), command(2, 'a'), command(3, 'a')]);
  expect(first.map(({ index }) => index)).toEqual([0, 1]);
  expect(again.map((pair) => [pair.command.index, pair.of.index])).toEqual([
    [2, 0],
    [3, 0],
  ]);
});

test('the key is channel, actor and command_id together', () => {
  const { again } = repeatsWithin([command(0, 'a'), command(1, 'a', 'bob'), command(2, 'a', 'alice', 'thread:2')]);
  expect(again).toEqual([]);
});

test('the version is no part of what a command is', () => {
  expect(unversioned('chat.send-message.v12')).toBe('chat.send-message');
  expect(unversioned('chat.v1.odd')).toBe('chat.v1.odd');
});
