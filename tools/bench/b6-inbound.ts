/** B6: what an inbound message of 200 B costs: read, unmask, parse, check, hand to the bus. Nobody listens. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, pause } from './bench.ts';
import { LoadClient, OUTPUT } from './native.ts';
import { cpuOf, since, sumOf } from './process.ts';

const PUBLISH = `{"id":9,"publish":{"channel":"bench:sink","data":{"n":"%c","text":"${'x'.repeat(120)}"}}}`;

export const inbound: Bench = async (context) => {
  const senders = context.quick ? 500 : 2000;
  const [rate, seconds] = [context.quick ? 5000 : 10_000, 5];
  const server = await context.server({ GATEWAY_MESSAGES_PER_MINUTE: '1000000' });
  const hello = join(OUTPUT, 'b6.hello');
  writeFileSync(hello, '{"id":1,"connect":{}}');
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${senders}`, '127.1.6', hello]);
  try {
    await client.until((stat) => stat.documents >= senders);
    client.tell('reset');
    await pause(500);
    const before = cpuOf(server.pid);
    client.tell(`rate ${rate} ${seconds} ${senders} ${PUBLISH}`);
    const { sent } = (await client.answer()) as { sent: number };
    await client.until((stat) => stat.documents >= sent);
    const used = since(before, cpuOf(server.pid));
    return [
      atMost('B6', 'inbound publish of 200 B with its reply, user part', (used.user * 1e6) / sent, 'µs CPU', 4),
      { id: 'B6', what: 'inbound publish of 200 B with its reply', value: (sumOf(used) * 1e6) / sent, unit: 'µs CPU' },
    ];
  } finally {
    client.quit();
    await server.stop();
  }
};
