/** Starts again what ends: somebody who kills a process here wants to see it come back. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Constellation, ServerControl } from '@veche/testing';
import { messageOf, Refusal } from '../dev/refusal.ts';
import type { Print } from './log-tail.ts';

const LOOK_MS = 100;
/** Starts in a row that failed, after which it is not tried again. */
const MAX_FRUITLESS = 5;

/** Runs until the signal. @throws Refusal when a process cannot be started again */
export async function keepAll(constellation: Constellation, print: Print, until: AbortSignal, changed: () => void): Promise<void> {
  await Promise.all([...constellation.backends, ...constellation.apps].map((each) => keep(each, print, until, changed)));
}

async function keep(process: ServerControl, print: Print, until: AbortSignal, changed: () => void): Promise<void> {
  let pid = process.pid;
  for (let fruitless = 0; !until.aborted; await pause(LOOK_MS)) {
    if (process.running) continue;
    if (fruitless === 0) print(process.name, `process ${pid} ended; starting it again`);
    const began = performance.now();
    try {
      await process.start();
      ({ pid } = process);
      fruitless = 0;
      print(process.name, `ready again in ${((performance.now() - began) / 1000).toFixed(1)} s, as process ${pid}`);
      changed();
    } catch (error) {
      if (until.aborted) return;
      if (++fruitless >= MAX_FRUITLESS) throw new Refusal(`${process.name} could not be started again ${fruitless} times in a row: ${messageOf(error)}`);
      // Its last words have been printed as they came.
      print(process.name, `error: ${messageOf(error).split('\n')[0]}`);
      await pause(1_000 * fruitless);
    }
  }
}
