import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
// Inside the package, so that its test files find vitest.
const home = mkdtempSync(join(import.meta.dirname, '..', 'count-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The last line and the exit code of a run over these files. */
function run(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}): [line: string | undefined, code: number | null] {
  const folder = mkdtempSync(join(home, 'run-'));
  const config = `export default { test: { include: ['*.case.ts'], reporters: ['default', ${JSON.stringify(join(import.meta.dirname, 'count.reporter.ts'))}] } };`;
  writeFileSync(join(folder, 'vitest.config.ts'), config);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, `${name}.case.ts`), `import { beforeAll, expect, test } from 'vitest';\n${text}`);
  const { stdout, status } = spawnSync(process.execPath, [VITEST, 'run', '--root', folder], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
  return [stdout.trimEnd().split('\n').at(-1), status];
}

const passes = "test('a', () => expect(1).toBe(1)); test('b', () => {});";

test('passed and failed tests are counted, skipped ones are neither', () => {
  expect(run({ a: `${passes} test.skip('c', () => {});` })).toEqual(['2 passed, 0 failed', 0]);
  expect(run({ a: passes, b: "test('c', () => expect(1).toBe(2));" })).toEqual(['2 passed, 1 failed', 1]);
});

test('a file that does not load, a hook that fails and a rejection nobody handles are failures', () => {
  expect(run({ a: passes, b: "import './missing.ts';" })).toEqual(['2 passed, 1 failed', 1]);
  expect(run({ a: "beforeAll(() => { throw new Error('no'); }); test('c', () => {});" })).toEqual(['0 passed, 1 failed', 1]);
  expect(run({ a: "test('c', async () => { void Promise.reject(new Error('lost')); await 1; });" })).toEqual(['1 passed, 1 failed', 1]);
});

test('what failed before the tests is added', () => {
  expect(run({ a: passes }, { FAILED_BEFORE_TESTS: '1' })[0]).toBe('2 passed, 1 failed');
});
