/** What traces cost a chat message with its ten deliveries: the same load on servers that trace nothing, one in a hundred, and all. */
import { startOtlpCollector } from '@veche/testing';
import { atMost, type Bench, type Context, figure, median, type Row } from './bench.ts';
import { chatFiles, drive, MEMBERS, THREADS } from './b7-durable.ts';
import { type SpanCosts, spanCosts } from './trace-spans.ts';
import { LoadClient } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import type { BenchServer } from './server.ts';

const LIMITS = { GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '100000' };
/** Low enough that a machine with other work on it keeps up: a server that does not measures its queue. */
const RATE = 300;

interface Side {
  readonly server: BenchServer;
  readonly client: LoadClient;
  /** µs of CPU for a message, by round. */
  readonly costs: number[];
}

/** In turns, a few seconds each: the machine's mood is the same for all of them. */
export const traces: Bench = async (context) => {
  const collector = await startOtlpCollector();
  const on = { ...LIMITS, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_SAMPLER: 'traceidratio' };
  const sides: Side[] = [];
  try {
    for (const env of [LIMITS, { ...on, OTEL_TRACES_SAMPLER_ARG: '0.01' }, { ...on, OTEL_TRACES_SAMPLER_ARG: '1' }]) sides.push(await open(context, env));
    for (const { client } of sides) await drive(client, RATE, 5); // compiles the hot path
    for (let round = 0; round < (context.quick ? 3 : 12); round++) {
      for (const side of sides) side.costs.push(await costOf(side, context.say));
      context.say(`traces round ${round + 1}: ${sides.map(({ costs }) => costs.at(-1)!.toFixed(0)).join(', ')} µs`);
    }
    return rowsOf(
      sides.map(({ costs }) => costs),
      await spanCosts(),
    );
  } finally {
    for (const { client, server } of sides) {
      client.quit();
      await server.stop();
    }
    collector.close();
  }
};

async function open(context: Context, env: Readonly<Record<string, string>>): Promise<Side> {
  const server = await context.server(env);
  const sessions = THREADS * MEMBERS;
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${sessions}`, '127.1.11', ...(await chatFiles(server))]);
  await client.until((stat) => stat.replies >= 2 * sessions);
  return { server, client, costs: [] };
}

const SECONDS = 4;
/** Of one side in one round, before the machine counts as unfit. */
const ATTEMPTS = 5;

/** A few seconds in which messages were refused, because the disk stalled, say nothing of traces: they are taken again. */
async function costOf({ server, client }: Side, say: Context['say']): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = cpuOf(server.pid);
    const { errors } = await drive(client, RATE, SECONDS);
    if (errors === 0) return (sumOf(since(before, cpuOf(server.pid))) * 1e6) / (RATE * SECONDS);
    say(`traces: ${errors} messages were refused, these ${SECONDS} s do not count`);
  }
  throw new Error(`the server refused messages ${ATTEMPTS} times in a row, as is said above: this machine has too much other work`);
}

/** The median of the rounds' own ratios: each compares neighbours in time. */
function rowsOf([off = [], some = [], all = []]: readonly number[][], spans: SpanCosts): Row[] {
  const more = (costs: readonly number[]): number => (median(costs.map((cost, round) => cost / off[round]!)) - 1) * 100;
  return [
    figure('traces', 'CPU of a message with its ten deliveries, node, traces off', median(off), 'µs CPU'),
    atMost('traces', 'more CPU with 1 % of messages traced', more(some), '%', 5),
    figure('traces', 'more CPU with every message traced', more(all), '%'),
    figure('traces', 'of traces alone: a message that is not sampled', spans.untraced - spans.off, 'µs CPU'),
    figure('traces', 'of traces alone: a sampled message of 12 spans, exported', spans.traced, 'µs CPU'),
    atMost('traces', 'of traces alone, 1 % sampled, to the message without', ((spans.untraced - spans.off + spans.traced / 100) / median(off)) * 100, '%', 5),
  ];
}
