// Behind `npm run test:cluster`: charts and images on a real cluster. Without one it says what is missing, and skips.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requirements } from './requirements.ts';

const found = requirements();
if ('missing' in found) {
  process.stdout.write(`veche: the cluster tests are skipped: ${found.missing}\n`);
} else {
  const test = join(import.meta.dirname, '..', 'run', 'test.ts');
  const child = spawn(process.execPath, [test, '--project', 'cluster', ...process.argv.slice(2)], {
    env: { ...process.env, ...found.env },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('close', (code) => (process.exitCode = code ?? 1));
}
