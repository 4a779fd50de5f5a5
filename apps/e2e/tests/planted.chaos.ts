import { describe, expect, inject, it } from 'vitest';
import { chaosRun } from '../src/chaos/run.ts';
import { PLANTED_BUGS } from '../src/planted/bugs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `some`: those that are found within seconds, for every run of the tests. */
    plantedBugs: 'all' | 'some';
  }
}

const QUICK = ['a resume begins one too far', 'an answer names the wrong place', 'a repeat is forwarded'];
const MINUTES = 0.5;
/** Runs in which a bug must show; most show in the first. */
const SCHEDULES = 4;

/** A fault run that finds nothing in right code proves little until it has found what is wrong on purpose. */
describe('fault runs', () => {
  const chosen = Object.entries(PLANTED_BUGS).filter(([name]) => inject('plantedBugs') === 'all' || QUICK.includes(name));
  for (const [name, { topology, under }] of chosen) {
    it(`find that ${name}`, { timeout: 600_000 }, async () => {
      const rules = await soughtUntilFound({ bug: name, topology, only: under });
      console.log(`${name}: ${rules.join(', ')}`);
      expect(rules).not.toEqual([]);
    });
  }
});

/** The rules that were broken in the first run in which any was. */
async function soughtUntilFound(options: Pick<Parameters<typeof chaosRun>[0], 'bug' | 'topology' | 'only'>): Promise<string[]> {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { verdict } = await chaosRun({ ...options, seed, minutes: MINUTES });
    if (verdict.violations.length > 0) return [...new Set(verdict.violations.map(({ rule }) => rule))];
  }
  return [];
}
