/** B0 and B1: one message to many sockets, beside the kernel's floor measured in turn with it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, type Context, figure, median, type Row } from './bench.ts';
import { LoadClient, OUTPUT } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import type { BenchServer } from './server.ts';

const HELLO = '{"id":1,"connect":{}}%n{"id":2,"subscribe":{"channel":"bench:one"}}';

interface Floor {
  readonly cpu_us: number;
}

/** One call of the C floor: N sockets, one send() each a round. */
function floorOf(context: Context, sockets: number, bytes: number, rounds: number): number {
  return (JSON.parse(execFileSync(context.floor, [`${sockets}`, `${bytes}`, `${rounds}`], { encoding: 'utf8' })) as Floor).cpu_us;
}

export const broadcast: Bench = async (context) => {
  const sockets = context.quick ? 1000 : 9500;
  const server = await context.server();
  const hello = join(OUTPUT, 'b1.hello');
  writeFileSync(hello, HELLO);
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${sockets}`, '127.1.1', hello]);
  try {
    await client.until((stat) => stat.documents >= 2 * sockets);
    const rows: Row[] = [];
    for (const bytes of [64, 200, 1024]) rows.push(...(await measure(context, server, client, sockets, bytes)));
    return rows;
  } finally {
    client.quit();
    await server.stop();
  }
};

/** Floor and server in turn, so that a drift of the machine meets both. */
async function measure(context: Context, server: BenchServer, client: LoadClient, sockets: number, bytes: number): Promise<Row[]> {
  const rounds = context.quick ? 20 : 30;
  const floors: number[] = [];
  const users: number[] = [];
  const ours: number[] = [];
  for (let repeat = 0; repeat < (context.quick ? 2 : 5); repeat++) {
    floors.push(floorOf(context, sockets, bytes, rounds));
    const cpu = await deliver(server, client, sockets, bytes, rounds);
    ours.push(cpu.total);
    users.push(cpu.user);
    context.say(`B1 ${bytes} B: floor ${floors.at(-1)?.toFixed(2)}, ours ${cpu.total.toFixed(2)} µs`);
  }
  const [floor, own] = [median(floors), median(ours)];
  return [
    figure('B0', `send() of ${bytes} B to ${sockets} sockets, in C`, floor, 'µs CPU'),
    figure('B1', `delivery of ${bytes} B, user part`, median(users), 'µs CPU'),
    figure('B1', `delivery of ${bytes} B to ${sockets} sockets`, own, 'µs CPU'),
    atMost('B1', `delivery of ${bytes} B ÷ floor`, own / floor, '×', 1.35),
  ];
}

async function deliver(server: BenchServer, client: LoadClient, sockets: number, bytes: number, rounds: number): Promise<{ total: number; user: number }> {
  client.tell('reset');
  const before = cpuOf(server.pid);
  for (let round = 1; round <= rounds; round++) {
    await server.api('publish', { channel: 'bench:one', data: { text: 'x'.repeat(Math.max(1, bytes - 70)) } });
    await client.until((stat) => stat.documents >= round * sockets);
  }
  const used = since(before, cpuOf(server.pid));
  return { total: (sumOf(used) * 1e6) / (sockets * rounds), user: (used.user * 1e6) / (sockets * rounds) };
}
