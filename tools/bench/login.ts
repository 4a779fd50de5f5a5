/** What a request over RabbitMQ costs, and a sign-in by it: `issue_token` asked of the auth service, with its password hash apart. */
import { FindUsers, IssueToken } from '@veche/contracts';
import { loadConfig, valuesOf } from '@veche/platform-config';
import { messagingConfig, MessagingTelemetry, RabbitMqAdapter, RabbitMqTelemetry } from '@veche/platform-messaging';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { type Bench, figure, type Row } from './bench.ts';
import { meter, type Site, spent, startServices } from './sites.ts';

/** One each for who signs in at the same time: attempts on one login wait for each other. */
const TOGETHER = 8;
const who = (index: number): { login: string; password: string } => ({ login: `bench${index}`, password: 'bench password' });

export const login: Bench = async (context) => {
  const site = await startServices();
  const door = doorOf(site.rabbitUrl ?? '');
  try {
    for (let index = 0; index < TOGETHER; index++) await site.post('/auth/register', who(index));
    await door.serve({ requests: new Map(), work: new Map() });
    const seconds = context.quick ? 3 : 10;
    const light = (): Promise<unknown> => door.requests.ask(FindUsers.kind, { logins: ['bench0'] }, { timeoutMs: 30_000 });
    const heavy = (index: number): Promise<unknown> => door.requests.ask(IssueToken.kind, who(index), { timeoutMs: 30_000 });
    await asks(site, light, { seconds: 2, together: 32 });
    return [
      ...rowsOf('a request (who is this login), 1 at a time', await asks(site, light, { seconds, together: 1 })),
      ...rowsOf('a request (who is this login), 32 at a time', await asks(site, light, { seconds, together: 32 })),
      ...rowsOf(`issue_token, ${TOGETHER} at a time`, await asks(site, heavy, { seconds, together: TOGETHER })),
    ];
  } finally {
    await door.stop();
    await site.stop();
  }
};

function doorOf(url: string): RabbitMqAdapter {
  const [metrics, logger] = [new Metrics(), Logger.silent()];
  return new RabbitMqAdapter({
    config: valuesOf(loadConfig([messagingConfig], {}), messagingConfig),
    rabbitmq: { RABBITMQ_URL: [url], RABBITMQ_PREFIX: 'veche' },
    telemetry: new MessagingTelemetry(metrics, logger),
    brokerTelemetry: new RabbitMqTelemetry(metrics, logger),
  });
}

interface Asked {
  readonly perSecond: number;
  readonly parts: Record<string, number>;
  readonly caller: number;
}

async function asks(site: Site, ask: (index: number) => Promise<unknown>, { seconds, together }: { seconds: number; together: number }): Promise<Asked> {
  const [before, own, start] = [meter(site), process.cpuUsage(), performance.now()];
  let count = 0;
  const loop = async (index: number): Promise<void> => {
    for (; performance.now() < start + seconds * 1000; count++) await ask(index);
  };
  await Promise.all(Array.from({ length: together }, (_, index) => loop(index)));
  const { user, system } = process.cpuUsage(own);
  return { perSecond: count / ((performance.now() - start) / 1000), parts: spent(site, before, count), caller: (user + system) / count };
}

const rowsOf = (what: string, { perSecond, parts, caller }: Asked): Row[] => [
  figure('login', what, perSecond, '/s wall'),
  figure('login', `${what}: caller`, caller, 'µs CPU'),
  ...['auth-1', 'rabbitmq', 'postgres', 'redis'].map((part) => figure('login', `${what}: ${part}`, parts[part] ?? 0, 'µs CPU')),
];
