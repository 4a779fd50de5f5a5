// Behind `npm test`: the checks, then one vitest run over everything, which ends with the line "N passed, N failed".
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideChromium } from './chromium.ts';
import { provideDebian13 } from './debian13.ts';
import { memoryFolder } from './memory.ts';
import { provideServers } from './servers.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const args = process.argv.slice(2);

/** With arguments for vitest (a path, --project) only those tests are run. */
const everything = args.length === 0;
/** All but the long form of what the other projects have in short, and what needs a Kubernetes: `npm run test:cluster`. */
const SHORT = ['--project', '!planted', '--project', '!cluster'];

if (everything) {
  for (const line of [...provideServers().map((each) => `the tests that need it fail: ${each}`), provideDebian13(say), provideChromium()]) say(line);
}
const checksFailed = everything && (await run(join(ROOT, 'tools/checks/main.ts'), [])) !== 0;
const memory = memoryFolder();
// The reporter adds FAILED_BEFORE_TESTS to the failed ones, so that the last line tells the whole truth.
const env = { ...process.env, FAILED_BEFORE_TESTS: checksFailed ? '1' : '0', ...(memory !== undefined && { TMPDIR: memory }) };
const tests = await run(join(ROOT, 'node_modules/vitest/vitest.mjs'), ['run', ...(everything ? SHORT : args)], env);
process.exitCode = checksFailed || tests !== 0 ? 1 : 0;

function say(line: string | undefined): void {
  if (line) process.stderr.write(`veche: ${line}\n`);
}

function run(file: string, rest: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const child = spawn(process.execPath, [file, ...rest], { cwd: ROOT, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
