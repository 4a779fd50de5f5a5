import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forPeople, INFO, LogTail, printer } from './log-tail.ts';
import { aligned } from './table.ts';

let folder: string;
let shown: string[];
let tail: LogTail;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veche-tail-'));
  shown = [];
  tail = new LogTail(
    join(folder, 'log'),
    printer((line) => void shown.push(line), false),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (level: number, msg: string, more: object = {}): string => `${JSON.stringify({ level, msg, ...more })}\n`;

test('pieces of several processes become whole lines, each under the name of who spoke', () => {
  tail.level = INFO;
  const [one, other] = [line(30, 'ready'), line(40, 'late')];
  tail.write('chat-1', one.slice(0, 5));
  tail.write('websocket-1', other);
  tail.write('chat-1', one.slice(5));
  expect(shown).toEqual(['websocket-1     warning: late', 'chat-1          ready']);
});

test('everything is in the file, while the terminal has what is wrong until things are up', () => {
  tail.write('chat-1', line(30, 'ready') + line(50, 'failed', { err: { message: 'because' } }) + line(20, 'detail'));
  expect(shown).toEqual(['chat-1          error: failed: because']);
  expect(readFileSync(join(folder, 'log'), 'utf8').split('\n')).toHaveLength(4);
});

test('what a process repeats at once is shown once; another process may say the same', () => {
  tail.write('api-1', line(40, 'lost') + line(40, 'lost'));
  tail.write('api-2', line(40, 'lost'));
  expect(shown).toHaveLength(2);
});

test('the same of another connection is no news', () => {
  for (const id of ['0x55a1', '0x55b2']) tail.write('pgbouncer', `2026-11-21 13:11:32.328 UTC [16503] WARNING C-${id}: pooler error: no server\n`);
  expect(shown).toEqual(['pgbouncer       WARNING C-0x55a1: pooler error: no server']);
});

test.each([
  ['2026-01-01 10:00:00 [warning] <0.1.0> Message store is slow', true],
  ['\u001B[38;5;214m2026-01-01 [error] <0.1.0> it failed\u001B[0m', true],
  ['2026-01-01 UTC [7] WARNING pooler error: no more connections', true],
  ['2026-01-01 [info] <0.1.0> accepting AMQP connection', false],
  ['[warning] <0.1.0> closing AMQP connection (client unexpectedly closed)', false],
  ['7:M 01 Jan 2026 # WARNING Memory overcommit must be enabled!', false],
])('of the servers people see what is wrong and nothing else: %j', (text, loud) => {
  expect(forPeople(text) !== undefined).toBe(loud);
  expect(forPeople(text) ?? '').not.toContain('\u001B');
});

test('the table has its columns under each other, numbers to the right', () => {
  expect(
    aligned([
      ['process', 'pid', 'port', 'private', 'health'],
      ['chat-1', '7', '–', '17000', 'ready'],
      ['websocket-1', '12345', '14000', '18000', 'no answer'],
    ]),
  ).toBe(
    ['  process        pid   port  private  health', '  chat-1           7      –    17000  ready', '  websocket-1  12345  14000    18000  no answer'].join(
      '\n',
    ),
  );
});
