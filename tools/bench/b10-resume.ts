/** B10: a door is killed and its clients come back at the other one, each from its own position, while messages go on. */
import { Client } from 'pg';
import { atMost, type Bench, figure, pause, type Row } from './bench.ts';
import { connect, type Crowd, gather, RESUME, SEND } from './members.ts';
import type { LoadClient } from './native/native.ts';
import { cpuOf, since, sumOf } from './process.ts';
import { meter, type Site, spent, startServices } from './sites.ts';

const SECONDS = 5;
/** Messages a second, as the base load. */
const RATE = 200;

export const resume: Bench = async (context) => {
  const crowd: Crowd = { threads: context.quick ? 100 : 500, members: 10 };
  const clients = crowd.threads * crowd.members;
  const site = await startServices({ websockets: 2 });
  const database = new Client({ connectionString: site.databaseUrl });
  await database.connect();
  const open: LoadClient[] = [];
  try {
    const lines = await gather(site, crowd, 'b10');
    const followers = await connect(context.client, site.ports[0]!, lines, 'b10');
    open.push(followers);
    // One member of each thread writes, at the door that stays.
    const writers = await connect(
      context.client,
      site.ports[1]!,
      lines.filter((_, line) => line % crowd.members === 0),
      'b10-writers',
    );
    open.push(writers);
    const write = async (seconds: number): Promise<number> => {
      writers.tell(`rate ${RATE} ${seconds} ${crowd.threads} ${SEND}`);
      return ((await writers.answer()) as { sent: number }).sent;
    };
    await write(3); // compiles the hot path
    let sent = 0;
    await pause(2000);
    for (const client of open) client.tell('reset');
    const base = await loadOf(site, database, async () => void (sent += await write(SECONDS)));
    const living = { ...site, parts: Object.fromEntries(Object.entries(site.parts).filter(([name]) => name !== 'websocket-1')) };
    const [spentBefore, sentBefore] = [meter(living), sent];
    const during = await loadOf(site, database, async () => {
      let writing = write(SECONDS);
      followers.tell(`failover ${site.ports[1]!} ${RESUME}`);
      await site.kill('websocket-1');
      // Messages go on until the last is back.
      for (sent += await writing; (await followers.stat()).resumed < clients; sent += await writing) writing = write(1);
    });
    const cpu = spent(living, spentBefore, clients);
    const stat = await followers.stat();
    const { errors } = await writers.until(({ replies }) => replies >= sent);
    const all = (sent - errors) * crowd.members;
    const end = await followers.until(({ in_order }) => in_order >= all).catch(() => followers.stat());
    context.say(`B10: ${JSON.stringify({ ...end, errors })}`);
    return [
      atMost('B10', `lost, of ${all} deliveries to ${clients} clients of a killed door`, all - end.in_order + end.skipped, '', 0),
      atMost('B10', 'doubled or for somebody else', end.doubled + end.stray, '', 0),
      figure('B10', 'resumed at their own position', end.recovered, `of ${clients}`),
      figure('B10', 'from the kill to everything missed, p50', stat.resume_p50_ms / 1000, 's wall'),
      atMost('B10', 'from the kill to everything missed, p99', stat.resume_p99_ms / 1000, 's wall', 5),
      ...Object.entries(cpu).map(([part, each]) => figure('B10', `${part}, for each of them, with ${sent - sentBefore} messages to all`, each, 'µs CPU')),
      ...loadRows(base, during),
    ];
  } finally {
    for (const client of open) client.quit();
    await database.end();
    await site.stop();
  }
};

interface LoadOfPostgres {
  readonly transactions: number;
  readonly cpu: number;
  readonly seconds: number;
}

/** Of Postgres alone, in the time that something takes and the second after it in which its figures arrive. */
async function loadOf(site: Site, database: Client, work: () => Promise<void>): Promise<LoadOfPostgres> {
  const [before, cpu, start] = [await transactions(database), cpuOf(site.parts['postgres']!), performance.now()];
  await work();
  await pause(1200);
  const after = await transactions(database);
  return { transactions: after - before, cpu: sumOf(since(cpu, cpuOf(site.parts['postgres']!))), seconds: (performance.now() - start) / 1000 };
}

async function transactions(database: Client): Promise<number> {
  const { rows } = await database.query<{ count: string }>('SELECT sum(xact_commit + xact_rollback) AS count FROM pg_stat_database');
  return Number(rows[0]!.count);
}

function loadRows(base: LoadOfPostgres, during: LoadOfPostgres): Row[] {
  const rate = (load: LoadOfPostgres): number => load.transactions / load.seconds;
  return [
    figure('B10', `Postgres at ${RATE} msg/s`, rate(base), 'transactions/s'),
    figure('B10', 'Postgres while they resume', rate(during), 'transactions/s'),
    atMost('B10', 'Postgres while they resume ÷ before', rate(during) / rate(base), '×', 1.5),
    atMost('B10', 'the same, CPU', during.cpu / during.seconds / (base.cpu / base.seconds), '×', 1.5),
  ];
}
