import { VecheError } from '@veche/contracts';
import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

/** After everything that is ready to run has run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when told. */
function works(turnstile: Turnstile) {
  const running: { done: () => void }[] = [];
  let most = 0;
  const start = (): Promise<string> =>
    turnstile
      .pass(async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const self = { done: resolve };
        running.push(self);
        most = Math.max(most, running.length);
        await promise;
        running.splice(running.indexOf(self), 1);
      })
      .then(
        () => 'done',
        (error: VecheError) => error.error,
      );
  return { start, running, most: () => most };
}

it('lets few in at once and all through in the end', async () => {
  const { start, running, most } = works(new Turnstile(2, 10));
  const all = Array.from({ length: 10 }, start);
  for (let left = 10; left > 0; left--) {
    await turn();
    running[0]?.done();
  }
  expect(await Promise.all(all)).toEqual(Array.from({ length: 10 }, () => 'done'));
  expect(most()).toBe(2);
});

it('refuses at once what has no room to wait', async () => {
  const { start, running } = works(new Turnstile(1, 1));
  const [one, two, three] = [start(), start(), start()];
  expect(await three).toBe('unavailable');
  running[0]?.done();
  expect(await one).toBe('done');
  await turn();
  running[0]?.done();
  expect(await two).toBe('done');
});

it('does not begin what has waited too long, and goes on with what has not', async () => {
  let now = 0;
  const { start, running } = works(new Turnstile(1, 10, () => now));
  const [one, stale] = [start(), start()];
  now = 4001;
  const fresh = start();
  running[0]?.done();
  expect(await one).toBe('done');
  expect(await stale).toBe('unavailable');
  await turn();
  expect(running).toHaveLength(1);
  running[0]?.done();
  expect(await fresh).toBe('done');
});

it('keeps its places when work throws', async () => {
  const turnstile = new Turnstile(1, 1);
  const boom = (): Promise<never> => Promise.reject(new Error('boom'));
  for (let at = 0; at < 3; at++) await expect(turnstile.pass(boom)).rejects.toThrow('boom');
  expect(await turnstile.pass(() => Promise.resolve('in'))).toBe('in');
});
