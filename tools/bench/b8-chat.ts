/** B8: full chat: sender → door → owner → Postgres → doors → receivers, in one process and over RabbitMQ in turn. */
import { type Bench, type Context, figure, median, type Row } from './bench.ts';
import { connect, type Crowd, drive, gather } from './members.ts';
import type { LoadClient } from './native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import { meter, type Site, spent, startServices, startWhole } from './sites.ts';

interface Load {
  readonly crowd: Crowd;
  /** Messages a second. */
  readonly rate: number;
}

/** About as many deliveries a second in each; a thousand sessions but for the smallest groups. */
const LOADS: readonly Load[] = [
  { crowd: { threads: 250, members: 2 }, rate: 3000 },
  { crowd: { threads: 100, members: 10 }, rate: 3000 },
  { crowd: { threads: 10, members: 100 }, rate: 500 },
];

interface Round {
  readonly parts: Record<string, number>;
  readonly total: number;
  readonly generator: number;
  readonly p50: number;
  readonly p99: number;
}

interface Side {
  readonly name: string;
  readonly site: Site;
  readonly client: LoadClient;
  readonly rounds: Round[];
}

export const chat: Bench = async (context) => {
  const sites = [
    { name: 'one process', site: await startWhole() },
    { name: 'over RabbitMQ', site: await startServices() },
  ];
  try {
    const rows: Row[] = [];
    for (const load of LOADS) rows.push(...(await measure(context, sites, load)));
    return rows;
  } finally {
    for (const { site } of sites) await site.stop();
  }
};

async function measure(context: Context, sites: readonly { name: string; site: Site }[], load: Load): Promise<Row[]> {
  const { crowd, rate } = load;
  const name = `b8-${crowd.members}`;
  const sides: Side[] = [];
  for (const { name: side, site } of sites) {
    const lines = await gather(site, crowd, name);
    sides.push({ name: side, site, client: await connect(context.client, site.ports[0]!, lines, name), rounds: [] });
  }
  try {
    for (const side of sides) await drive(side.client, { rate: rate / 2, seconds: 5, crowd }); // compiles the hot path
    for (let round = 0; round < (context.quick ? 2 : 5); round++) {
      for (const side of sides) {
        side.rounds.push(await roundOf(side, load));
        context.say(`B8 G=${crowd.members} ${side.name}: ${told(side.rounds.at(-1)!)}`);
      }
    }
    return sides.flatMap((side) => rowsOf(side, load));
  } finally {
    for (const { client } of sides) client.quit();
  }
}

async function roundOf({ site, client }: Side, { crowd, rate }: Load): Promise<Round> {
  const [before, own] = [meter(site), cpuOf(client.pid)];
  const { sent, p50_ms: p50, p99_ms: p99 } = await drive(client, { rate, seconds: 5, crowd });
  const parts = spent(site, before, sent);
  const total = Object.values(parts).reduce((sum, each) => sum + each, 0);
  return { parts, total, generator: (sumOf(since(own, cpuOf(client.pid))) * 1e6) / sent, p50, p99 };
}

const told = ({ parts, total, generator, p50, p99 }: Round): string =>
  `${total.toFixed(0)} + ${generator.toFixed(0)} µs (${Object.entries(parts)
    .map(([name, cpu]) => `${name} ${cpu.toFixed(0)}`)
    .join(', ')}), p50 ${p50} p99 ${p99} ms`;

/** The quietest round: other work on the machine only ever adds. */
function rowsOf({ name, rounds }: Side, { crowd, rate }: Load): Row[] {
  const best = rounds.toSorted((a, b) => a.total - b.total)[0]!;
  const what = `G = ${crowd.members}, ${rate} msg/s, ${name}`;
  return [
    ...Object.entries(best.parts).map(([part, cpu]) => figure('B8', `${what}: ${part}`, cpu, 'µs CPU a message')),
    figure('B8', `${what}: all, least`, best.total, 'µs CPU a message'),
    figure('B8', `${what}: all, median`, median(rounds.map(({ total }) => total)), 'µs CPU a message'),
    figure('B8', `${what}: all, for each delivery`, best.total / crowd.members, 'µs CPU a delivery'),
    figure('B8', `${what}: generator`, best.generator, 'µs CPU a message'),
    figure('B8', `${what}: two cores full, generator included (derived)`, 2e6 / (best.total + best.generator), 'msg/s'),
    figure('B8', `${what}: p50`, best.p50, 'ms'),
    figure('B8', `${what}: p99`, best.p99, 'ms'),
  ];
}
