import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

test('ten thousand people and five thousand threads, unless told otherwise', () => {
  expect(readArguments([])).toEqual({ help: false, users: 10_000, threads: 5000, messages: 100_000, seed: 'veche', password: 'veche-seed', data: undefined });
  expect(readArguments(['--users', '3', '--threads=2', '--messages', '0'])).toMatchObject({ users: 3, threads: 2, messages: 0 });
});

test.each([
  [['--usrs', '3'], /Unknown option '--usrs'[^]*--users N/],
  [['many'], /Unexpected argument 'many'/],
  [['--users', '1'], /--users must be a whole number from 2 to 1000000, not "1"/],
  [['--messages', '1e5'], /--messages must be a whole number/],
  [['--threads', '0'], /--messages need --threads/],
  [['--password', 'short'], /at least 8/],
  [['--seed', 'Вече'], /--seed must be/],
  [['--data='], /--data needs a folder/],
])('refuses %j and says what to do', (args, sentence) => expect(() => readArguments(args)).toThrow(sentence));
