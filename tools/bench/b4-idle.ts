/** B4: what a connected client that does nothing costs: memory, and the CPU of its pings. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, type Context, figure, pause, type Row } from './bench.ts';
import { type ClientStat, LoadClient, OUTPUT } from './native/native.ts';
import { cpuOf, rssOf, since, sumOf } from './process.ts';

interface Door {
  readonly name: string;
  readonly mode: string;
  readonly hello: (port: number) => string;
  readonly sockets: number;
  /** How many of them are there. */
  readonly ready: (stat: ClientStat) => number;
  readonly limitKb: number;
}

const CONNECT = '{"id":1,"connect":{"token":"%k"}}';
const DOORS: readonly Door[] = [
  { name: 'WebSocket', mode: 'ws:/connection/websocket', hello: () => CONNECT, sockets: 19_000, ready: (stat) => stat.documents, limitKb: 7.5 },
  {
    // An EventSource: nothing is asked of its client. (Over /connection/sse each pong would be a request of its own.)
    name: 'SSE',
    mode: 'sse:/realtime/events',
    hello: (port) =>
      `GET /realtime/events?channel=bench:idle HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer %k\r\nAccept: text/event-stream\r\n\r%n`,
    sockets: 10_000,
    ready: (stat) => stat.open,
    limitKb: 10,
  },
];

export const idle: Bench = async (context) => {
  const rows: Row[] = [];
  for (const door of DOORS) rows.push(...(await hold(context, door)));
  return rows;
};

async function hold(context: Context, door: Door): Promise<Row[]> {
  const sockets = context.quick ? 2000 : door.sockets;
  const server = await context.server();
  const [hello, tokens] = [join(OUTPUT, 'b4.hello'), join(OUTPUT, 'b4.tokens')];
  writeFileSync(hello, door.hello(server.port));
  writeFileSync(tokens, Array.from({ length: sockets }, (_, index) => server.tokenOf(`user${index}`)).join('\n'));
  await pause(3000); // the start's own garbage is not the sessions'
  const empty = rssOf(server.pid);
  const client = new LoadClient(context.client, [`${server.port}`, door.mode, `${sockets}`, '127.1.4', hello, tokens]);
  try {
    await client.until((stat) => door.ready(stat) >= sockets);
    context.say(`B4 ${door.name}: ${sockets} connected, waiting through ${context.quick ? 30 : 120} s of pings`);
    await pause(context.quick ? 5000 : 60_000); // one full period spreads the first pings
    const before = cpuOf(server.pid);
    const seconds = context.quick ? 25 : 60;
    await pause(seconds * 1000);
    const cpu = sumOf(since(before, cpuOf(server.pid))) / seconds;
    const kb = (rssOf(server.pid) - empty) / sockets / 1024;
    context.say(`B4 ${door.name}: ${kb.toFixed(2)} KB, ${(cpu * 100).toFixed(2)} % of a core`);
    const { open } = await client.stat();
    if (open !== sockets) throw new Error(`${sockets - open} idle sessions were lost`);
    return [
      atMost('B4', `memory of an idle ${door.name} session, of ${sockets}`, kb, 'KB RSS', door.limitKb),
      atMost('B4', `CPU of ${sockets} idle ${door.name} sessions, pings every 25 s`, cpu * 100, '% core', 2),
      figure('B4', `CPU of one idle ${door.name} session`, (cpu * 1e6) / sockets, 'µs/s'),
    ];
  } finally {
    client.quit();
    await server.stop();
  }
}
