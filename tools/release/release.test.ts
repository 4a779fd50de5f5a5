import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { release } from './release.ts';

let root: string;
const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const write = (path: string, text: unknown): void => writeFileSync(join(root, path), typeof text === 'string' ? text : JSON.stringify(text, null, 2));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veche-release-'));
  for (const folder of ['.changes', 'libs/a', 'libs/deep/b']) mkdirSync(join(root, folder), { recursive: true });
  const b = { name: '@veche/b', version: '0.1.0', dependencies: { '@veche/a': '0.1.0', zod: '4.6.7' } };
  write('package.json', { name: 'veche', version: '0.1.0' });
  write('libs/a/package.json', { name: '@veche/a', version: '0.1.0' });
  write('libs/deep/b/package.json', b);
  write('package-lock.json', { version: '0.1.0', packages: { '': { version: '0.1.0' }, 'libs/deep/b': b, 'node_modules/zod': { version: '4.6.7' } } });
  write('.changes/README.md', 'how');
  write('.changes/one.md', 'Threads can be\nrenamed.\n');
  git('init', '--quiet');
  git('config', 'user.email', 'test@example.org');
  git('config', 'user.name', 'Test');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'start');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('versions, changelog, commit and tag change together', () => {
  release(root, '0.2.0', '2030-01-02');
  expect(JSON.parse(read('libs/deep/b/package.json'))).toMatchObject({ version: '0.2.0', dependencies: { '@veche/a': '0.2.0', zod: '4.6.7' } });
  expect(JSON.parse(read('package-lock.json'))).toMatchObject({
    version: '0.2.0',
    packages: { '': { version: '0.2.0' }, 'libs/deep/b': { dependencies: { '@veche/a': '0.2.0' } }, 'node_modules/zod': { version: '4.6.7' } },
  });
  expect(read('CHANGELOG.md')).toBe('# Changes\n\n## 0.2.0 (2030-01-02)\n\n- Threads can be\n  renamed.\n');
  expect(readdirSync(join(root, '.changes'))).toEqual(['README.md']);
  expect(git('tag')).toBe('v0.2.0');
  expect(git('status', '--porcelain')).toBe('');
});

test('the latest chapter stands first', () => {
  release(root, '0.2.0', '2030-01-02');
  write('.changes/two.md', 'Faster.');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'two');
  release(root, '0.2.1', '2030-01-03');
  expect(read('CHANGELOG.md')).toBe('# Changes\n\n## 0.2.1 (2030-01-03)\n\n- Faster.\n\n## 0.2.0 (2030-01-02)\n\n- Threads can be\n  renamed.\n');
});

test.each([
  ['', /npm run release -- 0.2.0/],
  ['v0.2.0', /npm run release -- 0.2.0/],
  ['0.1.0', /not later than 0.1.0/],
  ['0.0.9', /not later/],
])('the version %j is refused and nothing is written', (version, sentence) => {
  expect(() => release(root, version, '2030-01-02')).toThrow(sentence);
  expect(git('status', '--porcelain')).toBe('');
});

test('uncommitted changes and a release without a note are refused', () => {
  write('new.txt', '');
  expect(() => release(root, '0.2.0', '2030-01-02')).toThrow('not committed');
  git('rm', '--quiet', '.changes/one.md');
  git('add', '--all');
  git('commit', '--quiet', '-m', 'no notes');
  expect(() => release(root, '0.2.0', '2030-01-02')).toThrow('nothing to release');
});
