// Behind `npm run release -- <version>`: everything must hold, then one commit and one tag; pushing stays a decision of a person.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotReleasable, release } from './release.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [version = ''] = process.argv.slice(2);

try {
  const checks = spawnSync(process.execPath, [join(ROOT, 'tools/checks/main.ts')], { stdio: 'inherit' });
  if (checks.status !== 0) throw new NotReleasable('the checks do not hold: see above');
  release(ROOT, version, new Date().toISOString().slice(0, 10));
  process.stdout.write(`released ${version}; to publish it: git push --follow-tags\n`);
} catch (error) {
  if (!(error instanceof NotReleasable)) throw error;
  process.stderr.write(`veche: ${error.message}\n`);
  process.exitCode = 1;
}
