import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { provideDebian13, type Unpacking } from './debian13.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'veche-debian13-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** An apt that "downloads" two packages and a dpkg that leaves the name of each; the step that is named fails. */
function machine(fails = '', given: Partial<Unpacking> = {}): Unpacking & { readonly ran: string[] } {
  const ran: string[] = [];
  const run = (command: readonly string[]): string | undefined => {
    const step = command.includes('update') ? 'update' : command.includes('install') ? 'install' : (command[0] ?? '');
    ran.push(step);
    if (step === fails) return undefined;
    const archives = command.find((word) => word.startsWith('Dir::Cache::archives='))?.split('=')[1];
    if (step === 'install' && archives) for (const name of ['adduser.deb', 'base-files.deb']) writeFileSync(join(archives, name), '');
    if (step === 'dpkg') unpacked(command[2] ?? '', command[3] ?? '');
    return '';
  };
  return { folder, isThere: false, hasApt: true, run, ran, ...given };
}

function unpacked(deb: string, tree: string): void {
  mkdirSync(join(tree, 'usr', 'bin'), { recursive: true });
  writeFileSync(
    join(tree, 'order'),
    `${existsSync(join(tree, 'order')) ? readFileSync(join(tree, 'order'), 'utf8') : ''}${deb.slice(dirname(deb).length + 1)} `,
  );
}

const said: string[] = [];
const say = (line: string): void => void said.push(line);

test('unpacks once: what makes links first, the marker last, nothing left beside the tree', () => {
  const bare = machine();
  expect(provideDebian13(say, bare)).toBeUndefined();
  expect(said.at(-1)).toContain(folder);
  expect(bare.ran).toEqual(['update', 'install', 'dpkg', 'dpkg']);
  expect(readFileSync(join(folder, 'tree', 'order'), 'utf8')).toBe('base-files.deb adduser.deb ');
  expect(readFileSync(join(folder, 'tree', 'veche-unpacked'), 'utf8')).toBe('base-files.deb\nadduser.deb\n');
  expect(readdirSync(folder)).toEqual(['tree']);
});

test('a tree that is there is left alone', () => {
  const has = machine('', { isThere: true });
  expect(provideDebian13(say, has)).toBeUndefined();
  expect(has.ran).toEqual([]);
});

test.each([
  ['update', /lists .* could not be read; run again/],
  ['install', /could not be downloaded; run again/],
  ['dpkg', /base-files.deb could not be unpacked; run again/],
])('when %s fails the tests on RabbitMQ 4 are skipped with a plain line, and nothing is left', (step, sentence) => {
  expect(provideDebian13(say, machine(step))).toMatch(sentence);
  expect(readdirSync(folder)).toEqual([]);
});

test('another system is told why', () => {
  expect(provideDebian13(say, machine('', { hasApt: false }))).toMatch(/tests on RabbitMQ 4 are skipped: .* no Debian/);
});
