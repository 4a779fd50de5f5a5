/** B6: what an inbound message of 200 B costs. Nobody listens, so nothing goes out but the sender's own reply. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, figure, type Row } from './bench.ts';
import { LoadClient, OUTPUT } from './native/native.ts';
import { type Cpu, cpuOf, since, sumOf } from './process.ts';
import type { BenchServer } from './server.ts';

const TEXT = 'x'.repeat(120);
/** Read, unmask, parse, dispatch, and a reply in a write of its own: what every command asks. */
const PING = `{"id":9,"ping":{"channel":"bench:sink","n":"%c","text":"${TEXT}"}}`;
/** The same with rights, limits and the bus. */
const PUBLISH = `{"id":9,"publish":{"channel":"bench:sink","data":{"n":"%c","text":"${TEXT}"}}}`;

export const inbound: Bench = async (context) => {
  const senders = context.quick ? 500 : 2000;
  const [rate, seconds] = [context.quick ? 5000 : 10_000, context.quick ? 5 : 10];
  const server = await context.server({ GATEWAY_MESSAGES_PER_MINUTE: '1000000' });
  const hello = join(OUTPUT, 'b6.hello');
  writeFileSync(hello, '{"id":1,"connect":{}}');
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${senders}`, '127.1.6', hello]);
  try {
    await client.until((stat) => stat.documents >= senders);
    const rows: Row[] = [];
    for (const [what, message] of [
      ['command', PING],
      ['publish', PUBLISH],
    ] as const) {
      await drive(client, server, rate, 3, senders, message); // compiles the hot path
      const used = await drive(client, server, rate, seconds, senders, message);
      const user = `inbound ${what} of 200 B with its reply, user part`;
      rows.push(message === PING ? atMost('B6', user, used.user, 'µs CPU', 4) : figure('B6', user, used.user, 'µs CPU'));
      rows.push(figure('B6', `inbound ${what} of 200 B with its reply`, sumOf(used), 'µs CPU'));
    }
    return rows;
  } finally {
    client.quit();
    await server.stop();
  }
};

/** µs of the server's CPU for each message. */
async function drive(client: LoadClient, server: BenchServer, rate: number, seconds: number, senders: number, message: string): Promise<Cpu> {
  client.tell('reset');
  const before = cpuOf(server.pid);
  client.tell(`rate ${rate} ${seconds} ${senders} ${message}`);
  const { sent } = (await client.answer()) as { sent: number };
  await client.until((stat) => stat.documents >= sent);
  const used = since(before, cpuOf(server.pid));
  return { user: (used.user * 1e6) / sent, system: (used.system * 1e6) / sent };
}
