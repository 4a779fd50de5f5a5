/** B8 at a pace: what a message costs when it shares no batch, no write and no wake-up with another. */
import { type Bench, figure, type Row } from './bench.ts';
import { connect, type Crowd, gather, SEND } from './members.ts';
import type { LoadClient } from './native/native.ts';
import { meter, type Site, spent, startServices, startWhole } from './sites.ts';

const CROWD: Crowd = { threads: 100, members: 10 };
/** Messages a second. */
const PACES = [50, 200, 1_000];

export const pace: Bench = async (context) => {
  const rows: Row[] = [];
  for (const [name, start] of [
    ['one process', startWhole],
    ['over RabbitMQ', startServices],
  ] as const) {
    const site = await start();
    try {
      const client = await connect(context.client, site.ports[0]!, await gather(site, CROWD, 'pace'), 'pace');
      await send(client, 1_000, 5); // compiles the hot path
      for (const perSecond of PACES) rows.push(...(await measure(site, client, { name, perSecond, seconds: context.quick ? 5 : 15 })));
      client.quit();
    } finally {
      await site.stop();
    }
  }
  return rows;
};

async function measure(site: Site, client: LoadClient, { name, perSecond, seconds }: { name: string; perSecond: number; seconds: number }): Promise<Row[]> {
  const before = meter(site);
  const sent = await send(client, perSecond, seconds);
  const parts = spent(site, before, sent);
  const total = Object.values(parts).reduce((sum, each) => sum + each, 0);
  const what = `${perSecond} msg/s, G = ${CROWD.members}, ${name}`;
  return [
    ...Object.entries(parts).map(([part, cpu]) => figure('B8', `${what}: ${part}`, cpu, 'µs CPU a message')),
    figure('B8', `${what}: all`, total, 'µs CPU a message'),
    figure('B8', `${what}: all`, (total * perSecond) / 1e6, 'cores'),
  ];
}

/** Until every member has every message. @returns how many */
async function send(client: LoadClient, perSecond: number, seconds: number): Promise<number> {
  client.tell('reset');
  client.tell(`rate ${perSecond} ${seconds} ${CROWD.threads * CROWD.members} ${SEND}`);
  const { sent } = (await client.answer()) as { sent: number };
  await client.until(({ in_order, errors }) => in_order >= (sent - errors) * CROWD.members);
  return sent;
}
