/** B5: ten thousand clients connect at once, each with a token of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, figure } from './bench.ts';
import { LoadClient, OUTPUT } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';

export const storm: Bench = async (context) => {
  const sockets = context.quick ? 2000 : 10_000;
  const server = await context.server();
  const [hello, tokens] = [join(OUTPUT, 'b5.hello'), join(OUTPUT, 'b5.tokens')];
  writeFileSync(hello, '{"id":1,"connect":{"token":"%k"}}');
  writeFileSync(tokens, Array.from({ length: sockets }, (_, index) => server.tokenOf(`user${index}`)).join('\n'));
  const before = cpuOf(server.pid);
  const start = performance.now();
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${sockets}`, '127.1.5', hello, tokens]);
  try {
    const stat = await client.until((now) => now.documents + now.failed >= sockets);
    const wall = (performance.now() - start) / 1000;
    const cpu = sumOf(since(before, cpuOf(server.pid)));
    if (stat.failed > 0) throw new Error(`${stat.failed} connections were refused`);
    return [
      atMost('B5', `${sockets} connects with tokens`, cpu * (10_000 / sockets), 's CPU per 10,000', 1.2),
      figure('B5', `${sockets} connects with tokens, wall`, wall, 's'),
    ];
  } finally {
    client.quit();
    await server.stop();
  }
};
