import { once } from 'node:events';
import type { Constellation, ServerControl } from '@veche/testing';
import { expect, test } from 'vitest';
import { keepAll } from './keeper.ts';

/** A process that was killed, and comes up after some failures. */
function dead(failures: number): ServerControl & { readonly tries: () => number } {
  let tries = 0;
  let running = true;
  const control = {
    name: 'chat-1',
    log: '',
    get pid() {
      if (!running) throw new Error('does not run');
      return 100 + tries;
    },
    get running() {
      return running;
    },
    tries: () => tries,
    start: async () => {
      if (tries++ < failures) throw new Error('the port is taken');
      running = true;
    },
    stop: () => Promise.resolve(0),
    kill: async () => void (running = false),
    freeze: () => undefined,
    thaw: () => undefined,
  };
  return control;
}

const constellationOf = (process: ServerControl) => ({ apps: [], backends: [process] }) as unknown as Constellation;

test('what was killed is started again, said with its new number, and noted', async () => {
  const process = dead(0);
  const said: string[] = [];
  const stopping = new AbortController();
  const changed = Promise.withResolvers<void>();
  const kept = keepAll(constellationOf(process), (name, text) => void said.push(`${name}: ${text}`), stopping.signal, changed.resolve);
  await process.kill();
  await changed.promise;
  expect(said).toEqual(['chat-1: process 100 ended; starting it again', expect.stringMatching(/^chat-1: ready again in \d+\.\d s, as process 101$/)]);
  stopping.abort();
  await kept;
});

test('nothing is started again while everything is being stopped', async () => {
  const process = dead(0);
  const stopping = new AbortController();
  const kept = keepAll(
    constellationOf(process),
    () => undefined,
    stopping.signal,
    () => undefined,
  );
  const aborted = once(stopping.signal, 'abort');
  stopping.abort();
  await aborted;
  await process.kill();
  await kept;
  expect(process.tries()).toBe(0);
});
