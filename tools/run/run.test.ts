import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hintFor, installationOf, isOldEnough } from '../run.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
let home: string;

beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'veche run '))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A checkout with nothing in it but the runner, and an npm of our own. */
function runner(npm: string, args: readonly string[]): { readonly status: number | null; readonly text: string } {
  mkdirSync(join(home, 'tools'), { recursive: true });
  cpSync(join(ROOT, 'tools/run.mjs'), join(home, 'tools/run.mjs'));
  for (const file of ['package.json', 'package-lock.json']) writeFileSync(join(home, file), '{}');
  writeFileSync(join(home, 'npm.mjs'), `import { mkdirSync, writeFileSync, chmodSync } from 'node:fs';\n${npm}`);
  const done = spawnSync(process.execPath, [join(home, 'tools/run.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], npm_execpath: join(home, 'npm.mjs') },
  });
  return { status: done.status, text: done.stdout + done.stderr };
}

/** Leaves what the next step needs: an oxfmt that says what it got. */
const INSTALLS = `mkdirSync('node_modules/.bin', { recursive: true }); writeFileSync('node_modules/.bin/oxfmt', 'console.log("formats", process.argv.slice(2).join(" "))'); writeFileSync('installed-' + process.hrtime.bigint(), '');`;

test('Node from 24.11 on is old enough, older is not', () => {
  expect(['v24.11.0', 'v24.21.0', 'v25.0.0', '26.1.2'].map((version) => isOldEnough(version))).toEqual([true, true, true, true]);
  expect(['v24.10.9', 'v20.20.2', 'v0.0', ''].map((version) => isOldEnough(version))).toEqual([false, false, false, false]);
});

test('another lockfile and another platform are another installation', () => {
  const one = installationOf(['a', 'b'], 'linux-x64');
  expect(installationOf(['a', 'b'], 'linux-x64')).toBe(one);
  expect(installationOf(['a', 'c'], 'linux-x64')).not.toBe(one);
  expect(installationOf(['ab', ''], 'linux-x64')).not.toBe(one);
  expect(installationOf(['a', 'b'], 'linux-arm64')).not.toBe(one);
});

test('installs once, and again when the lockfile changes', () => {
  expect(runner(INSTALLS, ['format'])).toEqual({ status: 0, text: 'formats .\n' });
  expect(runner(INSTALLS, ['format', '--check'])).toEqual({ status: 0, text: 'formats . --check\n' });
  const installs = () => readdirSync(home).filter((name) => name.startsWith('installed-')).length;
  expect(installs()).toBe(1);
  writeFileSync(join(home, 'package-lock.json'), '{"changed":true}');
  spawnSync(process.execPath, [join(home, 'tools/run.mjs'), 'format'], { env: { PATH: process.env['PATH'], npm_execpath: join(home, 'npm.mjs') } });
  expect(installs()).toBe(2);
});

test('a failed installation shows what npm said and what to do, and is tried again next time', () => {
  const failed = runner(`console.error('npm error code ENOTFOUND'); process.exitCode = 1;`, ['format']);
  expect(failed.status).toBe(1);
  expect(failed.text).toMatch(/npm error code ENOTFOUND[^]*could not be installed[^]*check the network and the proxy/);
  expect(runner(INSTALLS, ['format']).status).toBe(0);
});

test.each([
  ['npm error ENOSPC: no space left on device', /disk is full/],
  ['npm error EACCES: permission denied, mkdir', /may not write to/],
  ['npm error something else', /npm install --no-save/],
])('advice for %j', (output, advice) => {
  expect(hintFor(output)).toMatch(advice);
});

test('an unknown verb is refused with the list', () => {
  const { status, text } = runner(INSTALLS, ['strat']);
  expect(status).toBe(1);
  expect(text).toMatch(/unknown verb "strat"; there are: start, start:distributed, test, test:chaos, .*build/);
});

test.each([
  ['echo "3 passed, 0 failed"', 0, '3 passed, 0 failed', 0],
  ['echo "3 passed, 1 failed"; exit 1', 1, '3 passed, 1 failed', 1],
  ['echo "3 passed, 1 failed"', 1, '3 passed, 1 failed', 0],
  ['echo "the build failed"; exit 1', 1, '0 passed, 1 failed', 1],
  ['echo "nothing was run"', 1, '0 passed, 1 failed', 0],
])('.ci/run ends with the count line and the right code when npm test does %j', (npm, code, line) => {
  const done = ci(npm);
  expect(done.stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(done.status).toBe(code);
});

test.each([
  ['both are counted', 'exit 0', 'echo "4 passed, 0 failed"', '7 passed, 0 failed', 0],
  ['what failed in the cluster is not hidden', 'exit 0', 'echo "4 passed, 2 failed"; exit 1', '7 passed, 2 failed', 1],
  ['a cluster that does not come up is a failure', '[ "$1" != up ]', 'exit 0', '3 passed, 1 failed', 1],
])('.ci/run with a tool for clusters: %s', (_, kube, cluster, line, code) => {
  writeProgram('kube', kube);
  const done = ci(`case "$*" in test) echo "3 passed, 0 failed" ;; *) ${cluster} ;; esac`, { VECHE_KUBE: join(home, 'bin'), CLUSTER: '1' });
  expect(done.stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(done.status).toBe(code);
});

test('.ci/run says why it leaves the cluster out', () => {
  expect(ci('echo "3 passed, 0 failed"').stdout).toMatch(/the cluster tier is skipped: there is no tool for a test cluster at .*\n3 passed, 0 failed\n$/);
});

/** A copy of .ci/run in the test's folder, with this for npm. */
function ci(npm: string, env: NodeJS.ProcessEnv = {}) {
  mkdirSync(join(home, '.ci'));
  cpSync(join(ROOT, '.ci/run'), join(home, '.ci/run'));
  writeProgram('npm', npm);
  return spawnSync(join(home, '.ci/run'), { encoding: 'utf8', env: { PATH: `${join(home, 'bin')}:${process.env['PATH']}`, ...env } });
}

function writeProgram(name: string, script: string): void {
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(home, 'bin', name), 0o755);
}
