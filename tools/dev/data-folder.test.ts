import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiKeyIn, checkFolder, ephemeralFolder, openFolder } from './data-folder.ts';
import { type Scratch, scratch } from './tests/started.ts';

let temporary: Scratch;
beforeEach(() => void (temporary = scratch()));
afterEach(() => temporary.remove());

const inFolder = (name: string) => join(temporary.path, name);

test('a new folder is marked and passes the next check', () => {
  const folder = openFolder(inFolder('a/b'));
  checkFolder(folder, 18);
  checkFolder(folder, 18);
  expect(existsSync(join(folder.path, 'veche.json'))).toBe(true);
});

test.each([
  ['veche.json', '{"layout":2}', /made by a newer version of Veche \(layout 2/],
  ['veche.json', '{"layout":0}', /made by an older version of Veche \(layout 0/],
  ['veche.json', '{"lay', /is damaged/],
  ['holiday.jpg', '', /is not empty \(holiday.jpg/],
])('%s with %j is refused and left as it is', (name, text, sentence) => {
  writeFileSync(inFolder(name), text);
  expect(() => checkFolder(openFolder(temporary.path), 18)).toThrow(sentence);
  expect(readdirSync(temporary.path)).toEqual([name]);
});

test.each([
  ['17', /Postgres 17, older than the 18/],
  ['19', /Postgres 19, newer than the 18/],
])('a database of Postgres %s is refused', (major, sentence) => {
  writeFileSync(inFolder('veche.json'), '{"layout":1}');
  mkdirSync(inFolder('postgres'));
  writeFileSync(inFolder('postgres/PG_VERSION'), `${major}\n`);
  expect(() => checkFolder(openFolder(temporary.path), 18)).toThrow(sentence);
});

test('a database that is not ours is refused', () => {
  mkdirSync(inFolder('postgres'));
  expect(() => checkFolder(openFolder(temporary.path), 18)).toThrow(/not made by Veche/);
});

test('a path through a file is refused', () => {
  writeFileSync(inFolder('file'), '');
  expect(() => openFolder(inFolder('file/data'))).toThrow(/is a file/);
});

test('the key is made once and only its owner may read it', () => {
  const folder = openFolder(temporary.path);
  const key = apiKeyIn(folder);
  expect(key).toMatch(/^[\w-]{32}$/);
  expect(apiKeyIn(folder)).toBe(key);
  expect(statSync(inFolder('api-key')).mode & 0o777).toBe(0o600);
});

test('what an ephemeral start that was killed left behind is removed', () => {
  const first = ephemeralFolder();
  const left = first.path.replace(`-${process.pid}-`, '-4194305-');
  mkdirSync(left);
  const mine = ephemeralFolder();
  expect(existsSync(left)).toBe(false);
  expect(existsSync(mine.path)).toBe(true);
  for (const { path } of [first, mine]) rmSync(path, { recursive: true });
});

// Only root can make a folder that somebody else owns.
test.runIf(process.getuid?.() === 0)('what somebody else left behind stays and does not disturb', () => {
  const first = ephemeralFolder();
  const left = first.path.replace(`-${process.pid}-`, '-4194305-');
  mkdirSync(left, { mode: 0o700 });
  writeFileSync(`${left}/file`, '');
  const program = `import('${import.meta.dirname}/data-folder.ts').then((all) => console.log(all.ephemeralFolder().path))`;
  const other = spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', program], { encoding: 'utf8' });
  expect(other.stdout.trim(), other.stderr).toContain('veche-ephemeral-');
  expect(existsSync(left)).toBe(true);
  for (const path of [left, first.path, other.stdout.trim()]) rmSync(path, { recursive: true });
});
