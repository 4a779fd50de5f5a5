/** B9: one client in a hundred stops reading: the others must not notice, memory stays bounded, and nobody gets a byte of anybody else. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, type Context, figure, pause, type Row } from './bench.ts';
import { freshNet } from './members.ts';
import { LoadClient, OUTPUT } from './native/native.ts';
import { rssOf } from './process.ts';
import type { BenchServer } from './server.ts';

const CHANNELS = ['bench:a', 'bench:b'];
/** Of 8 KB: a socket that reads nothing has a megabyte waiting after seven seconds. */
const [PER_SECOND, BYTES] = [20, 8000];

const SCALE_MS = 1999;

interface Phase {
  readonly p99: number;
  readonly rss: number;
}

export const slow: Bench = async (context) => {
  const sockets = context.quick ? 200 : 1000;
  const stalled = sockets / 100;
  const server = await context.server();
  const [hello, tokens] = [join(OUTPUT, 'b9.hello'), join(OUTPUT, 'b9.tokens')];
  writeFileSync(hello, '{"id":1,"connect":{}}%n{"id":2,"subscribe":{"channel":"%m"}}');
  writeFileSync(tokens, CHANNELS.map((channel) => `- ${channel}`).join('\n'));
  const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', `${sockets}`, freshNet(), hello, tokens]);
  try {
    await client.until((stat) => stat.replies >= 2 * sockets);
    const seconds = context.quick ? 30 : 60;
    await broadcast(server, client, 5); // compiles the hot path
    const before = await broadcast(server, client, seconds / 2);
    client.tell(`stall ${stalled}`);
    const newcomers = comeAndGo(context, server, [hello, tokens]);
    const during = await broadcast(server, client, seconds);
    const strays = await newcomers.stop();
    client.tell('wake');
    const after = await broadcast(server, client, seconds / 2);
    const gone = client.until(({ open }) => open <= sockets - stalled, 10_000);
    const { ends, stray, open } = await gone.catch(() => client.stat());
    const closed = await closedBy(server);
    context.say(`B9: ends as the clients saw them ${JSON.stringify(ends)}, as the server counts ${JSON.stringify(closed)}`);
    return rowsOf({ before, during, after, strays: stray + strays, closed, stalled, stillOpen: open - (sockets - stalled) });
  } finally {
    client.quit();
    await server.stop();
  }
};

/** To all channels in turn; the sockets that read are the whole of what is measured. */
async function broadcast(server: BenchServer, client: LoadClient, seconds: number): Promise<Phase> {
  client.tell('reset');
  let rss = 0;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(1000 / PER_SECOND)) {
    const text = `@${process.hrtime.bigint()}@ ${'x'.repeat(BYTES)}`;
    await Promise.all(CHANNELS.map((channel) => server.api('publish', { channel, data: { text } })));
    rss = Math.max(rss, rssOf(server.pid));
  }
  return { p99: (await client.stat()).p99_ms, rss };
}

/** Sockets that come and go meanwhile take the descriptors of those that were closed. */
function comeAndGo(context: Context, server: BenchServer, files: readonly string[]): { stop: () => Promise<number> } {
  let [going, strays] = [true, 0];
  const done = (async () => {
    while (going) {
      const client = new LoadClient(context.client, [`${server.port}`, 'ws:/connection/websocket', '20', freshNet(), ...files]);
      await client.until((stat) => !going || stat.documents >= 60);
      strays += (await client.stat()).stray;
      client.quit();
    }
  })();
  return { stop: async () => ((going = false), await done, strays) };
}

/** Sessions that the server has closed, by code. */
async function closedBy(server: BenchServer): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${server.privatePort}/metrics`)).text();
  const series = text.matchAll(/^veche_gateway_sessions_closed_total\{[^}]*code="(?<code>\d+)"[^}]*\} (?<count>\d+)$/gm);
  return Object.fromEntries([...series].map(({ groups }) => [groups!['code']!, Number(groups!['count'])]));
}

interface Outcome {
  readonly before: Phase;
  readonly during: Phase;
  readonly after: Phase;
  readonly strays: number;
  /** As the clients see it, some seconds after they read again. */
  readonly stillOpen: number;
  readonly closed: Readonly<Record<string, number>>;
  readonly stalled: number;
}

function rowsOf({ before, during, after, strays, closed, stalled, stillOpen }: Outcome): Row[] {
  const usual = (before.p99 + after.p99) / 2;
  // The last step of the generator's scale takes the rest: a machine that slow measures itself.
  if (Math.max(before.p99, during.p99, after.p99) >= SCALE_MS) throw new Error(`latencies of ${SCALE_MS} ms and more: this machine has too much other work`);
  return [
    figure('B9', 'p99 of all, before and after', usual, 'ms'),
    figure('B9', 'p99 of those that read, while 1 % do not', during.p99, 'ms'),
    atMost('B9', 'how much later', (during.p99 / usual - 1) * 100, '%', 10),
    atMost('B9', 'more memory for each that does not read', (during.rss - before.rss) / stalled / 2 ** 20, 'MB RSS', 2),
    atMost('B9', 'bytes on a wrong socket, documents', strays, '', 0),
    figure('B9', `of ${stalled} that did not read, closed as too slow (3008)`, closed['3008'] ?? 0, ''),
    figure('B9', 'of them, closed because no ping was answered (3012)', closed['3012'] ?? 0, ''),
    atMost('B9', 'of them, still open at the end', stillOpen, '', 0),
  ];
}
