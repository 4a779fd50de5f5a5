import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { leakGuard } from './leaks.ts';
import { once } from './waiters.ts';

test('a server that was not closed is named; one that was is not', async () => {
  const check = leakGuard();
  const server = createServer().listen(0);
  await once(server, 'listening');
  await expect(check()).rejects.toThrow('left open: 1 × TCPServerWrap');
  server.close();
  await check();
});

test('timers that nobody cleared are named', async () => {
  const check = leakGuard(['Timeout']);
  const timers = Array.from({ length: 10 }, () => setTimeout(() => undefined, 60_000));
  await expect(check()).rejects.toThrow(/left open: \d+ × Timeout/);
  for (const timer of timers) clearTimeout(timer);
  await check();
});
