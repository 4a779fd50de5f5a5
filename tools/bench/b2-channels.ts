/** B2: a thousand channels at once, ten members in each, and as people are: few channels with many, many with few. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, type Context, figure, median, pause, type Row } from './bench.ts';
import { freshNet } from './members.ts';
import { type ClientStat, LoadClient, OUTPUT } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import type { BenchServer } from './server.ts';

const PUBLISH = `{"id":9,"publish":{"channel":"%m","data":{"at":"%t","text":"${'x'.repeat(100)}"}}}`;
const SECONDS = 5;

/** The channel of each socket. */
const even = (sockets: number, channels: number): number[] => Array.from({ length: sockets }, (_, socket) => socket % channels);

/** Members of the channel of rank r as 1/r; together about as many sockets. */
function zipf(sockets: number, channels: number): number[] {
  const weight = Array.from({ length: channels }, (_, rank) => 1 / (rank + 1));
  const sum = weight.reduce((a, b) => a + b, 0);
  const sorted = weight.flatMap((each, rank) => Array.from({ length: Math.max(1, Math.round((sockets * each) / sum)) }, () => rank));
  // The first sockets are those that publish: they must be of all channels. A prime number of steps meets each place once.
  return sorted.map((_, place) => sorted[(place * 7919) % sorted.length]!);
}

export const channels: Bench = async (context) => {
  const [sockets, count] = context.quick ? [2000, 200] : [10_000, 1000];
  const rows: Row[] = [];
  for (const [name, spread] of [
    ['ten members each', even(sockets, count)],
    ['Zipf', zipf(sockets, count)],
  ] as const)
    rows.push(...(await measure(context, `${count} channels, ${name}`, spread)));
  return rows;
};

async function measure(context: Context, what: string, spread: readonly number[]): Promise<Row[]> {
  const server = await context.server({ GATEWAY_MESSAGES_PER_MINUTE: '1000000' });
  const [hello, tokens] = [join(OUTPUT, 'b2.hello'), join(OUTPUT, 'b2.tokens')];
  writeFileSync(hello, '{"id":1,"connect":{}}%n{"id":2,"subscribe":{"channel":"%m"}}');
  writeFileSync(tokens, spread.map((channel) => `- bench:c${channel}`).join('\n'));
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${spread.length}`, freshNet(), hello, tokens]);
  try {
    await client.until((stat) => stat.replies >= 2 * spread.length);
    await run(client, server, `flood ${SECONDS} 200 ${PUBLISH}`); // compiles the hot path
    const floods: Run[] = [];
    for (let round = 0; round < (context.quick ? 2 : 5); round++) {
      floods.push(await run(client, server, `flood ${SECONDS} 200 ${PUBLISH}`));
      context.say(`B2 ${what}: ${floods.at(-1)!.cpu.toFixed(2)} µs, ${floods.at(-1)!.perSecond.toFixed(0)}/s`);
    }
    const best = floods.toSorted((a, b) => a.cpu - b.cpu)[0]!;
    // What it can do with its core to itself, of which sixty parts in a hundred are offered.
    const rate = (0.6 * 1e6) / (best.cpu * best.fanout);
    const { stat } = await run(client, server, `rate ${rate} ${SECONDS} ${spread.length} ${PUBLISH}`);
    return [
      atMost('B2', `${what}: delivery, its share of publish and reply included, least`, best.cpu, 'µs CPU', 10),
      figure('B2', `${what}: the same, median`, median(floods.map(({ cpu }) => cpu)), 'µs CPU'),
      figure('B2', `${what}: deliveries of one publish`, best.fanout, ''),
      figure('B2', `${what}: deliveries a second, one core for the server`, Math.max(...floods.map(({ perSecond }) => perSecond)), '/s wall'),
      atMost('B2', `${what}: p99 at 60 % of a core (${rate.toFixed(0)} publishes/s)`, stat.p99_ms, 'ms', 25),
    ];
  } finally {
    client.quit();
    await server.stop();
  }
}

interface Run {
  /** µs for a delivery. */
  readonly cpu: number;
  readonly fanout: number;
  readonly perSecond: number;
  readonly stat: ClientStat;
}

async function run(client: LoadClient, server: BenchServer, order: string): Promise<Run> {
  client.tell('reset');
  const [before, start] = [cpuOf(server.pid), performance.now()];
  client.tell(order);
  const { sent } = (await client.answer()) as { sent: number };
  const answered = await client.until(({ replies }) => replies >= sent);
  const seconds = (performance.now() - start) / 1000;
  const stat = await settled(client, answered);
  if (stat.errors + stat.stray > 0) throw new Error(`${stat.errors} publishes were refused, ${stat.stray} documents came to the wrong socket`);
  const deliveries = stat.documents - stat.replies;
  const cpu = (sumOf(since(before, cpuOf(server.pid))) * 1e6) / deliveries;
  return { cpu, fanout: deliveries / sent, perSecond: deliveries / seconds, stat };
}

/** Nothing has come for a while. */
async function settled(client: LoadClient, last: ClientStat): Promise<ClientStat> {
  await pause(300);
  const now = await client.stat();
  return now.documents === last.documents ? now : settled(client, now);
}
