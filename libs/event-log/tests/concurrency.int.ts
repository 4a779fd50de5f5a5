import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendItems, type Ground, openGround, readAll, upTo } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const COMMANDS = 1500;
const CHANNELS = 12;

/** Every writer sends every command, in an order of its own. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}

test('8 writers send the same commands to the same channels: each is there once, no gap, no deadlock, all get one answer', async () => {
  const items = Array.from({ length: COMMANDS }, (_, i) => ({ channel: `thread:c${i % CHANNELS}`, id: `m${i}` }));
  for (let i = 0; i < CHANNELS; i++) await ground.log.open(`thread:c${i}`);
  let retries = 0;
  const writer = async (seed: number) => {
    const answers = new Map<string, number>();
    const mine = shuffled(items, seed);
    for (let i = 0; i < mine.length; i += 50)
      for (const { command_id, seq } of await appendItems(ground, mine.slice(i, i + 50), () => retries++)) answers.set(command_id, seq);
    return answers;
  };
  const answers = await Promise.all(upTo(8).map(writer));
  for (const other of answers) expect(other).toEqual(answers[0]);
  for (let i = 0; i < CHANNELS; i++) {
    const log = await readAll(ground, `thread:c${i}`);
    expect(log.map(({ seq }) => seq)).toEqual(upTo(COMMANDS / CHANNELS));
    expect(new Set(log.map(({ command_id }) => command_id)).size).toBe(COMMANDS / CHANNELS);
  }
  expect(retries).toBeLessThan(8 * COMMANDS);
});

test('a twin that commits first wins: the second runs into it, burns no seq and gets the same answer', async () => {
  const command = { channel: 'thread:twin', id: 'x' };
  await ground.log.open('thread:twin');
  const answers = await Promise.all(upTo(10).map(() => appendItems(ground, [command])));
  expect(answers.map(([event]) => event?.seq)).toEqual(upTo(10).map(() => 1));
  const [next] = await appendItems(ground, [{ channel: 'thread:twin', id: 'y' }]);
  expect(next?.seq).toBe(2);
});

test('two processes append to one channel at once: gapless', async () => {
  await ground.log.open('thread:both');
  const children = [1, 2].map((who) => fork(new URL('appender.process.ts', import.meta.url), [ground.url, 'thread:both', `p${who}`, '300'], { execArgv: [] }));
  const codes = await Promise.all(children.map((child) => once(child, 'exit')));
  expect(codes.map(([code]) => code)).toEqual([0, 0]);
  const log = await readAll(ground, 'thread:both');
  expect(log.map(({ seq }) => seq)).toEqual(upTo(600));
  expect(new Set(log.map(({ actor }) => actor)).size).toBe(2);
});
