import { expect, test } from 'vitest';
import type { RedisClient } from '../redis-client.ts';
import { MemoryLimiter } from './memory-limiter.ts';
import { RedisLimiter } from './redis-limiter.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('is answered in the order asked while Redis is given up', async () => {
  const pending: ((answer: undefined) => void)[] = [];
  // The first call waits for its timeout; from the second on nobody is asked any more.
  const attempt = (): Promise<undefined> => (pending.length === 0 ? new Promise((resolve) => pending.push(resolve)) : Promise.resolve(undefined));
  const redis = { keys: { limit: (key: string) => key }, attempt } as unknown as RedisClient;
  const limiter = new RedisLimiter(redis, new MemoryLimiter());
  const answered: string[] = [];
  const take = (name: string): Promise<unknown> => limiter.take('message anna', 100, 60_000).then(() => answered.push(name));
  const first = take('first');
  await turn();
  const second = take('second');
  await turn();
  await turn();
  expect(answered).toEqual([]);
  pending[0]!(undefined);
  await Promise.all([first, second]);
  expect(answered).toEqual(['first', 'second']);
});
