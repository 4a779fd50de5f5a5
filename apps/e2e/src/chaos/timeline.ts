/** Which faults strike when: drawn from the seed before the run begins, so that a seed is a run that can be done again. */
import type { Constellation, Random } from '@veche/testing';
import { type Fault, FAULTS } from './faults.ts';

export interface Planned {
  /** Milliseconds after the load began. */
  readonly at: number;
  readonly fault: Fault;
  readonly lastsMs: number;
}

/** Between the healing of one fault and the next: what is under test is the recovery too. */
const PAUSE: readonly [number, number] = [500, 6_000];
/** At the end: the run heals before it is judged. */
const QUIET_MS = 5_000;

/** @param only names of faults; default: all that are possible there */
export function plan(target: Constellation, random: Random, totalMs: number, only: readonly string[] = []): Planned[] {
  const possible = FAULTS.filter((fault) => fault.possible(target) && (only.length === 0 || only.includes(fault.name)));
  const [first, ...others] = possible;
  if (!first)
    throw new Error(
      `no such fault here; there are: ${FAULTS.filter((fault) => fault.possible(target))
        .map(({ name }) => name)
        .join(', ')}`,
    );
  const planned: Planned[] = [];
  for (let at = random.between(...PAUSE); at < totalMs - QUIET_MS;) {
    const fault = random.pick([first, ...others]);
    const lastsMs = Math.min(random.between(...fault.lasts), totalMs - QUIET_MS - at);
    planned.push({ at, fault, lastsMs });
    at += lastsMs + random.between(...PAUSE);
  }
  return planned;
}
