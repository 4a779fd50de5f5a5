/** B7: the durable path: appends on one connection, and a chat message from its sender to ten members. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppendFigures, benchAppend } from '../../libs/event-log/tests/append.bench.ts';
import { atLeast, atMost, type Bench, type Context, figure, type Row } from './bench.ts';
import { type ClientStat, LoadClient, OUTPUT } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import { type BenchServer } from './server.ts';

export const THREADS = 20;
export const MEMBERS = 10;
const SEND = '{"id":9,"rpc":{"method":"chat.send","data":{"channel":"%m","command_id":"%c","text":"%t how are you?"}}}';

export const durable: Bench = async (context) => {
  const server = await context.server({ GATEWAY_MESSAGES_PER_MINUTE: '1000000', HTTP_REQUESTS_PER_MINUTE: '100000' });
  const append = await medianAppend(context, server);
  const rows: Row[] = [
    atLeast('B7', 'appends on one Postgres connection, synchronous_commit on', append.rows_per_s, 'events/s', 30_000),
    figure('B7', 'CPU of an append, node', append.node_cpu_us_per_row, 'µs CPU'),
    figure('B7', 'CPU of an append, Postgres', append.pg_cpu_us_per_row, 'µs CPU'),
  ];
  const client = new LoadClient(context.client, [
    `${server.port}`,
    'ws:/connection/websocket',
    `${THREADS * MEMBERS}`,
    '127.1.7',
    ...(await chatFiles(server)),
  ]);
  try {
    await client.until((stat) => stat.replies >= 2 * THREADS * MEMBERS);
    return [...rows, ...(await latency(context, client)), ...(await load(context, server, client))];
  } finally {
    client.quit();
    await server.stop();
  }
};

/** The middle one of some runs: a checkpoint of Postgres in one of them must not decide. */
async function medianAppend(context: Context, server: BenchServer): Promise<AppendFigures> {
  const runs: AppendFigures[] = [];
  for (let run = 0; run < (context.quick ? 1 : 5); run++) {
    const figures = await benchAppend(server.postgresUrl);
    context.say(`B7 append: ${figures.rows_per_s} events/s, CPU ${figures.node_cpu_us_per_row} + ${figures.pg_cpu_us_per_row} µs`);
    runs.push(figures);
  }
  return runs.toSorted((a, b) => a.rows_per_s - b.rows_per_s)[Math.floor(runs.length / 2)] as AppendFigures;
}

/** Threads of ten members; each line of the tokens file: a member's token and the thread. */
export async function chatFiles(server: BenchServer): Promise<string[]> {
  const [hello, tokens] = [join(OUTPUT, 'b7.hello'), join(OUTPUT, 'b7.tokens')];
  const lines: string[] = [];
  for (let index = 0; index < THREADS; index++) {
    const { token } = await server.post<{ token: string }>('/auth/register', { login: `bench${index}`, password: 'bench password' });
    const { channel } = await server.post<{ channel: string }>('/chat/threads', { title: `thread ${index}` }, token);
    for (let member = 0; member < MEMBERS; member++) lines.push(`${token} ${channel}`);
  }
  writeFileSync(hello, '{"id":1,"connect":{"token":"%k"}}%n{"id":2,"subscribe":{"channel":"%m"}}');
  writeFileSync(tokens, lines.join('\n'));
  return [hello, tokens];
}

/** Open loop: the send time is in the message, so a late server cannot slow its own measurement down. */
async function latency(context: Context, client: LoadClient): Promise<Row[]> {
  const [rate, seconds] = [200, context.quick ? 10 : 30];
  await drive(client, 50, 3); // compiles the hot path
  const stat = await driveAll(client, rate, seconds);
  return [
    atMost('B7', `send → committed → delivered at ${rate} msg/s, p50`, stat.p50_ms, 'ms', 4),
    atMost('B7', `send → committed → delivered at ${rate} msg/s, p99`, stat.p99_ms, 'ms', 12),
    figure('B7', `send → committed → delivered at ${rate} msg/s, p99.9`, stat.p999_ms, 'ms'),
  ];
}

async function load(context: Context, server: BenchServer, client: LoadClient): Promise<Row[]> {
  const [rate, seconds] = [context.quick ? 1000 : 3000, 10];
  const [before, postgres] = [cpuOf(server.pid), cpuOf(server.postgresPid)];
  const stat = await driveAll(client, rate, seconds);
  const sent = rate * seconds;
  return [
    figure('B7', `${rate} msg/s to ${MEMBERS} members each, p50`, stat.p50_ms, 'ms'),
    figure('B7', `${rate} msg/s to ${MEMBERS} members each, p99`, stat.p99_ms, 'ms'),
    figure('B7', 'CPU of a message with its ten deliveries, node', (sumOf(since(before, cpuOf(server.pid))) * 1e6) / sent, 'µs CPU'),
    figure('B7', 'CPU of a message, Postgres', (sumOf(since(postgres, cpuOf(server.postgresPid))) * 1e6) / sent, 'µs CPU'),
  ];
}

/** Beyond the deadline of a message at the server. */
const ANSWERED_MS = 60_000;

/**
 * Sends for the time and waits until every message is answered and every member has those that were taken. A server whose disk or database stalls
 * refuses some (`errors`), and nobody will ever get them.
 * @throws when a socket was lost: its share of the load is missing, and what is delivered to it
 */
export async function drive(client: LoadClient, rate: number, seconds: number): Promise<ClientStat> {
  client.tell('reset');
  client.tell(`rate ${rate} ${seconds} ${THREADS * MEMBERS} ${SEND}`);
  const { sent } = (await client.answer()) as { sent: number };
  const complete = ({ closed, replies, errors, measured }: ClientStat): boolean => {
    if (closed > 0) throw new Error(`${closed} of the load generator's sockets were lost`);
    return replies >= sent && measured >= (replies - errors) * MEMBERS;
  };
  return client.until(complete, ANSWERED_MS);
}

/** For figures of all messages. */
async function driveAll(client: LoadClient, rate: number, seconds: number): Promise<ClientStat> {
  const stat = await drive(client, rate, seconds);
  if (stat.errors > 0) throw new Error(`${stat.errors} of ${stat.replies} messages were refused: the figures of the others say nothing`);
  return stat;
}
