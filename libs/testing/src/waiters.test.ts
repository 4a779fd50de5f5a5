import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { eventually, once } from './waiters.ts';

test('resolves with the first truthy value', async () => {
  let asked = 0;
  expect(await eventually(() => ++asked >= 3 && `after ${asked}`)).toBe('after 3');
});

test('a condition that throws is not yet true', async () => {
  let asked = 0;
  await eventually(() => {
    if (++asked < 3) throw new Error('not yet');
    return true;
  });
  expect(asked).toBe(3);
});

test('says at the timeout what was waited for and what was seen last', async () => {
  await expect(eventually(() => 0, { timeoutMs: 10, what: 'three arrived' })).rejects.toThrow('not within 10 ms: three arrived; last: 0');
  await expect(eventually(() => Promise.reject(new Error('closed')), { timeoutMs: 10, what: 'open' })).rejects.toThrow('last: Error: closed');
});

test('an event resolves, an error before it and the timeout reject; no listener stays', async () => {
  const emitter = new EventEmitter();
  const happened = once(emitter, 'message');
  emitter.emit('message', 1, 2);
  expect(await happened).toEqual([1, 2]);
  const failed = once(emitter, 'message');
  emitter.emit('error', new Error('cut'));
  await expect(failed).rejects.toThrow('cut');
  await expect(once(emitter, 'message', { timeoutMs: 10 })).rejects.toThrow('no "message" within 10 ms');
  expect(emitter.eventNames()).toEqual([]);
});
