// Behind `npm run seed`: many people in many threads, through the same commands as everybody's.
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, Refusal } from '../dev/refusal.ts';
import { type Arguments, HELP, readArguments } from './arguments.ts';
import { startOwner } from './owner.ts';
import { seed } from './seed.ts';
import { target } from './target.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A program of its own, as at every start: it knows the tables of every module. */
function migrate(url: string): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, 'apps/migrate/dist/main.js')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], PG_URL: url },
  });
  if (status !== 0) throw new Refusal(`the tables could not be brought up to date:\n${(stderr || stdout).trim()}`);
}

async function run(given: Arguments): Promise<void> {
  // npm changes to the package's root; INIT_CWD is where the command was typed.
  const folder = given.data === undefined ? join(ROOT, 'data') : resolve(process.env['INIT_CWD'] ?? process.cwd(), given.data);
  const { url, where, release } = await target(process.env['PG_URL'] || undefined, folder);
  try {
    migrate(url);
    say(`veche: seeding ${where}`);
    const owner = await startOwner(url);
    try {
      const { people, threads } = await seed(owner, given, given.password, process.stderr);
      say(`veche: added ${people} people and ${threads} threads; there are ${given.users} and ${given.threads} of "${given.seed}" now`);
      say(`veche: sign in as ${given.seed}1 to ${given.seed}${given.users}; the password of new ones is ${given.password}`);
    } finally {
      await owner.stop();
    }
  } finally {
    await release();
  }
}

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  if (given.help) return say(HELP);
  await run(given);
}

await main().catch((error: unknown) => {
  process.stderr.write(
    error instanceof Refusal ? `veche: ${error.message}\n` : `veche: unexpected: ${error instanceof Error ? error.stack : messageOf(error)}\n`,
  );
  process.exitCode = 1;
});
if (process.connected) process.disconnect();
