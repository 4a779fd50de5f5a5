import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stops a release; the message says what to do. */
export class NotReleasable extends Error {}

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
  packages?: Record<string, Manifest>;
}

const git = (root: string, ...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/**
 * Sets the version everywhere, turns the notes of .changes into a chapter of CHANGELOG.md, commits and tags. Pushes nothing.
 * @throws NotReleasable before anything is written
 */
export function release(root: string, version: string, today: string): void {
  const current = (read(root, 'package.json') as { version: string }).version;
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new NotReleasable(`give the version as in: npm run release -- ${next(current)}`);
  if (!isLater(version, current)) throw new NotReleasable(`${version} is not later than ${current}: the next one is ${next(current)}`);
  if (git(root, 'status', '--porcelain') !== '')
    throw new NotReleasable('there are changes that are not committed: commit them first, a release is what is in git');
  const notes = notesIn(root);
  if (notes.length === 0) throw new NotReleasable('there is nothing to release: .changes has no note that says what users get');
  setVersions(root, version);
  writeChangelog(root, `## ${version} (${today})\n\n${notes.map((file) => bullet(readFileSync(file, 'utf8'))).join('\n')}\n`);
  for (const file of notes) rmSync(file);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '-m', `release: ${version}`);
  git(root, 'tag', '-a', `v${version}`, '-m', `Veche ${version}`);
}

const read = (root: string, path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
const numbers = (version: string): number[] => version.split('.').map(Number);
const next = (version: string): string =>
  numbers(version)
    .with(1, (numbers(version)[1] ?? 0) + 1)
    .with(2, 0)
    .join('.');

function isLater(version: string, than: string): boolean {
  const [a, b] = [numbers(version), numbers(than)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

const notesIn = (root: string): string[] => {
  const folder = join(root, '.changes');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.md') && name !== 'README.md')
        .toSorted()
        .map((name) => join(folder, name))
    : [];
};

const bullet = (note: string): string => `- ${note.trim().replaceAll('\n', '\n  ')}`;

/** Packages of the workspace name each other by version: all of them change together, in the lockfile too. */
function setVersions(root: string, version: string): void {
  const files = ['package.json', 'package-lock.json', ...globSync('{apps,libs}/**/package.json', { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] })];
  for (const path of files) {
    const manifest = read(root, path);
    const ours =
      path === 'package-lock.json'
        ? [manifest, ...Object.entries(manifest.packages ?? {}).flatMap(([folder, each]) => (folder.includes('node_modules') ? [] : [each]))]
        : [manifest];
    for (const each of ours) stamp(each, version);
    writeFileSync(join(root, path), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

function stamp(manifest: Manifest, version: string): void {
  if (manifest.version !== undefined) manifest.version = version;
  for (const name of Object.keys(manifest.dependencies ?? {})) if (name.startsWith('@veche/') && manifest.dependencies) manifest.dependencies[name] = version;
}

function writeChangelog(root: string, chapter: string): void {
  const path = join(root, 'CHANGELOG.md');
  const head = '# Changes\n';
  const before = existsSync(path) ? readFileSync(path, 'utf8').slice(head.length) : '';
  writeFileSync(path, `${head}\n${chapter}${before}`);
}
