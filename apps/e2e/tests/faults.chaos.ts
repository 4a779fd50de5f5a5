import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { chaosRun } from '../src/chaos/run.ts';

const OUTPUT = fileURLToPath(new URL('../../../test-output/chaos', import.meta.url));
/** A seed that once failed stays here, with what it found; fresh ones are for `npm run test:chaos`. */
const CORPUS = [
  { topology: 'distributed', seed: 1 },
  { topology: 'distributed', seed: 2 },
  // A pipelined message overtook the one before it in the moment when Redis was given up.
  { topology: 'redis', seed: 202 },
  { topology: 'postgres', seed: 11 },
] as const;
const MINUTES = 1;

it.for(CORPUS)('nothing is lost, doubled, reordered or invented: $topology, seed $seed', { timeout: 600_000 }, async ({ topology, seed }) => {
  const { verdict, struck, settledMs } = await chaosRun({ topology, seed, minutes: MINUTES, output: OUTPUT, say: (line) => console.log(line) });
  console.log(`${struck.length} faults, at rest after ${Math.round(settledMs)} ms, ${JSON.stringify(verdict.counts)}`);
  expect(verdict.violations.slice(0, 20)).toEqual([]);
  expect(verdict.valid).toBe(true);
  expect(struck.length).toBeGreaterThanOrEqual(3);
  expect(settledMs, 'everybody has seen everything within 10 s').toBeLessThan(10_000);
});
