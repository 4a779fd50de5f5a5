import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './lock.ts';
import { identityOf } from './processes.ts';
import { type Scratch, scratch } from './tests/started.ts';

let temporary: Scratch;
let file: string;
beforeEach(() => {
  temporary = scratch();
  file = join(temporary.path, 'running.json');
});
afterEach(() => temporary.remove());

test('a second holder is refused with the process and the address of the first', () => {
  takeLock(file, 8000);
  expect(() => takeLock(file, 8100)).toThrow(new RegExp(`process ${process.pid}, http://127.0.0.1:8000`));
});

test('a released lock is free and leaves no file', () => {
  takeLock(file, 8000).release();
  expect(readdirSync(temporary.path)).toEqual([]);
  takeLock(file, 8000);
});

test('the lock of a dead process is taken over with what it left running', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const child = { pid: 4_194_305, born: 'then' };
  writeFileSync(file, JSON.stringify({ owner: { pid: dead, born: 'then' }, port: 8000, children: [child] }));
  expect(takeLock(file, 8000).leftovers).toEqual([child]);
  expect(readdirSync(temporary.path)).toEqual(['running.json']);
});

test('a number that was given to another process meanwhile does not hold the lock', () => {
  writeFileSync(file, JSON.stringify({ owner: { pid: process.pid, born: 'before the reboot' }, port: 8000, children: [] }));
  takeLock(file, 8000);
});

test.each(['', '{"owner":', 'null', '{}'])('a file cut short (%j) holds nothing', (text) => {
  writeFileSync(file, text);
  expect(takeLock(file, 8000).leftovers).toEqual([]);
});

test('a live process is told apart from a later one of the same number', () => {
  expect(identityOf(process.pid).born).not.toBe(identityOf(process.ppid).born);
});
