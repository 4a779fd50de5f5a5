/** B8: full chat: sender → door → owner → Postgres → doors → receivers, in one process and over RabbitMQ in turn. */
import { type Bench, type Context, figure, median, type Row } from './bench.ts';
import { connect, type Crowd, drive, gather } from './members.ts';
import type { LoadClient } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import { meter, type Site, spent, startServices, startWhole } from './sites.ts';

/** A thousand sessions in each. */
const CROWDS: readonly Crowd[] = [
  { threads: 500, members: 2 },
  { threads: 100, members: 10 },
  { threads: 10, members: 100 },
];
const SECONDS = 5;

interface Round {
  readonly parts: Record<string, number>;
  readonly total: number;
  readonly generator: number;
  readonly perSecond: number;
  readonly refused: number;
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
    // Of one owner on two cores: each of eight queues would have batches of its own, a quarter as large.
    { name: 'over RabbitMQ, two queues', site: await startServices({ env: { BUS_COMMAND_QUEUES: '2' } }) },
  ];
  try {
    const rows: Row[] = [];
    for (const crowd of CROWDS) rows.push(...(await measure(context, sites, crowd)));
    return rows;
  } finally {
    for (const { site } of sites) await site.stop();
  }
};

async function measure(context: Context, sites: readonly { name: string; site: Site }[], crowd: Crowd): Promise<Row[]> {
  const name = `b8-${crowd.members}`;
  const sides: Side[] = [];
  for (const { name: side, site } of sites) {
    const lines = await gather(site, crowd, name);
    sides.push({ name: side, site, client: await connect(context.client, site.ports[0]!, lines, name), rounds: [] });
  }
  try {
    for (const side of sides) await drive(side.client, { seconds: SECONDS, crowd }); // compiles the hot path
    for (let round = 0; round < (context.quick ? 2 : 5); round++) {
      for (const side of sides) {
        side.rounds.push(await roundOf(side, crowd));
        context.say(`B8 G=${crowd.members} ${side.name}: ${told(side.rounds.at(-1)!)}`);
      }
    }
    return sides.flatMap((side) => rowsOf(side, crowd));
  } finally {
    for (const { client } of sides) client.quit();
  }
}

async function roundOf({ site, client }: Side, crowd: Crowd): Promise<Round> {
  const [before, own] = [meter(site), cpuOf(client.pid)];
  const { sent, seconds, errors: refused } = await drive(client, { seconds: SECONDS, crowd });
  const parts = spent(site, before, sent);
  const total = Object.values(parts).reduce((sum, each) => sum + each, 0);
  return { parts, total, generator: (sumOf(since(own, cpuOf(client.pid))) * 1e6) / sent, perSecond: sent / seconds, refused };
}

const told = ({ parts, total, generator, perSecond, refused }: Round): string =>
  `${total.toFixed(0)} + ${generator.toFixed(0)} µs (${Object.entries(parts)
    .map(([name, cpu]) => `${name} ${cpu.toFixed(0)}`)
    .join(', ')}), ${perSecond.toFixed(0)} msg/s, ${refused} refused`;

/** The quietest round: other work on the machine only ever adds. One in which messages were refused says nothing. */
function rowsOf({ name, rounds }: Side, { members }: Crowd): Row[] {
  const sound = rounds.filter(({ refused }) => refused === 0);
  if (sound.length === 0) throw new Error(`${name} refused messages in every round: this machine has too much other work`);
  const best = sound.toSorted((a, b) => a.total - b.total)[0]!;
  const what = `G = ${members}, ${name}`;
  return [
    ...Object.entries(best.parts).map(([part, cpu]) => figure('B8', `${what}: ${part}`, cpu, 'µs CPU a message')),
    figure('B8', `${what}: all, least`, best.total, 'µs CPU a message'),
    figure('B8', `${what}: all, median`, median(sound.map(({ total }) => total)), 'µs CPU a message'),
    figure('B8', `${what}: all, for each delivery`, best.total / members, 'µs CPU a delivery'),
    figure('B8', `${what}: generator`, best.generator, 'µs CPU a message'),
    figure('B8', `${what}: two cores full, generator included (derived)`, 2e6 / (best.total + best.generator), 'msg/s'),
    figure('B8', `${what}: best of the rounds`, Math.max(...sound.map(({ perSecond }) => perSecond)), 'msg/s wall'),
    figure(
      'B8',
      `${what}: refused in all rounds`,
      rounds.reduce((sum, { refused }) => sum + refused, 0),
      'messages',
    ),
  ];
}
