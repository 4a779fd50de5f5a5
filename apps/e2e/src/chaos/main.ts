/** `npm run test:chaos`: fault runs by hand, for as long as one wants. */
import { parseArgs } from 'node:util';
import type { Topology } from '@veche/testing';
import { chaosRun } from './run.ts';

const HELP = `npm run test:chaos -- [options]

  --seed N           of the first run (default: drawn and printed)
  --runs N           runs with the seeds that follow (default 1)
  --minutes M        of load and faults a run (default 3)
  --topology NAME    distributed (default), redis or postgres
  --only FAULT       this fault alone; may be given several times
  --output DIR       histories and verdicts (default test-output/chaos)
`;

const OPTIONS = {
  seed: { type: 'string' },
  runs: { type: 'string', default: '1' },
  minutes: { type: 'string', default: '3' },
  topology: { type: 'string', default: 'distributed' },
  only: { type: 'string', multiple: true, default: [] as string[] },
  output: { type: 'string', default: 'test-output/chaos' },
  help: { type: 'boolean', default: false },
} as const;

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new Error(`--${name} must be a number from ${least}, not ${JSON.stringify(text)}\n\n${HELP}`);
  return value;
}

function topologyOf(text: string): Topology {
  if (text === 'distributed' || text === 'redis' || text === 'postgres') return text;
  throw new Error(`--topology must be distributed, redis or postgres, not ${JSON.stringify(text)}\n\n${HELP}`);
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  if (values.help) return (console.log(HELP), 0);
  const first = numberOf('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0);
  const runs = numberOf('runs', values.runs, 1);
  const options = { minutes: numberOf('minutes', values.minutes, 0.1), topology: topologyOf(values.topology), only: values.only, output: values.output, say };
  let failed = 0;
  for (let seed = first; seed < first + runs; seed++) {
    const { verdict, struck, settledMs } = await chaosRun({ ...options, seed });
    say(`seed ${seed}: ${String(verdict.valid)}, ${struck.length} faults, at rest after ${Math.round(settledMs)} ms, ${JSON.stringify(verdict.counts)}`);
    for (const { rule, what } of verdict.violations.slice(0, 20)) say(`  ${rule}: ${what}`);
    if (verdict.valid !== true) failed++;
  }
  say(`${runs - failed} of ${runs} runs are right`);
  return failed;
}

const code = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
// Not by itself: after some thousands of cut connections Node 24 spins for ever in its own clean-up of handles (CleanupHandles).
process.exit(code);
