import { expect, test } from 'vitest';
import { PollLimit } from './poll-limit.ts';

test('counts each credential by itself and says how long to wait', () => {
  const limit = new PollLimit({ HTTP_POLLS_PER_MINUTE: 2 });
  limit.count('a', 0);
  limit.count('a', 10_000);
  expect(() => limit.count('a', 20_000)).toThrow(expect.objectContaining({ error: 'too_many_requests', retryAfterMs: 40_000 }));
  limit.count('b', 20_000);
  limit.count('a', 60_000);
});
