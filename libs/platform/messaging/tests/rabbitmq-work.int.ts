import { createTestVhost, type TestVhost } from '@veche/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WorkUnit } from '../src/index.ts';
import { DeadLetters } from '../src/dead-letters/dead-letters.ts';
import type { DeadLetter } from '../src/dead-letters/dead-letter.ts';
import { deliveriesOf } from '../src/dead-letters/redelivery.ts';
import { WORK_CLASSES } from '../src/rabbitmq/topology.ts';
import { WorkServer } from '../src/rabbitmq-work/work-server.ts';
import { Work } from '../src/rabbitmq-work/work.ts';
import { Cluster, type Process, until } from './shapes.fixture.ts';

const KIND = 'chat.rebuild.v1';
const unit = (id: string, workClass: WorkUnit['class'] = 'normal'): WorkUnit => ({ kind: KIND, class: workClass, id, data: { id } });
const LADDER = { RPC_RETRY_DELAYS_MS: [20, 60], RPC_MAX_RETRIES: 3 };

let vhost: TestVhost;
let cluster: Cluster;
const servers: WorkServer[] = [];
beforeAll(async () => {
  vhost = await createTestVhost();
});
beforeEach(() => {
  cluster = new Cluster(vhost.url);
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await cluster.close();
});
afterAll(() => vhost?.drop());

type Does = (unit: WorkUnit) => Promise<void>;
/** A process that does work of one kind, and queues it. */
async function worker(does: Does, settings: object = LADDER, kinds = [KIND]): Promise<{ process: Process; work: Work; server: WorkServer }> {
  const process = await cluster.process(settings);
  const server = new WorkServer(process, process.config, process.telemetry);
  servers.push(server);
  await server.serve(new Map(kinds.map((kind) => [kind, does])));
  return { process, server, work: new Work(process.broker.publisher, process.topology, process.config) };
}

const lettersOf = ({ broker, topology }: Process): DeadLetters =>
  new DeadLetters(broker, topology, (letter) => deliveriesOf(letter, { topology, queues: 8, patienceMs: 1000, now: Date.now }));
const dead = async (process: Process): Promise<DeadLetter[]> => {
  const letters = lettersOf(process);
  const found = await letters.list('work');
  await letters.close();
  return found;
};
const depths = async (process: Process): Promise<Record<string, number>> => {
  const raw = await process.broker.consuming('depths', async () => {}).ready();
  const names = [
    ...WORK_CLASSES.map((each) => cluster.topology.workQueue('chat', each)),
    ...[20, 60].map((delay) => cluster.topology.retryExchange(delay).name),
  ];
  const counts = await Promise.all(names.map((name) => raw.checkQueue(name)));
  return Object.fromEntries(counts.map(({ queue, messageCount }) => [queue.slice(cluster.prefix.length + 1), messageCount]));
};

describe('work over RabbitMQ', () => {
  it('climbs the ladder with its keys and ends in the dead queue with its cause and its history', async () => {
    const times: number[] = [];
    const { work, process } = await worker(async () => {
      times.push(Date.now());
      throw new Error(`provider is down, ${times.length}`);
    });
    await work.enqueue(unit('a'));
    const letters = lettersOf(process);
    await until(async () => (await letters.depth('work')) === 1, { interval: 5 });
    const [letter] = await letters.list('work');
    expect(letter).toMatchObject({ keys: ['a'], kinds: [KIND], attempts: 4, cause: 'provider is down, 4', unit: unit('a') });
    expect(letter!.history.map(({ cause }) => cause)).toEqual([1, 2, 3, 4].map((each) => `provider is down, ${each}`));
    expect(letter!.firstFailedAt).toBe(letter!.history[0]!.at);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(gaps.map((gap, index) => gap >= [19, 59, 59][index]!)).toEqual([true, true, true]);
    expect(Object.values(await depths(process)).every((depth) => depth === 0)).toBe(true);
  });

  it('is done by the process that can, after one that cannot had it', async () => {
    const done: string[] = [];
    // The newer release has bound its kind and is gone for the moment; the older one shares the queue and knows nothing of it.
    // So long that the next attempt finds the one that can, on a busy machine too.
    const patient = { ...LADDER, RPC_RETRY_DELAYS_MS: [3_000] };
    const newer = await worker(async () => {}, patient, ['chat.other.v1', KIND]);
    await newer.server.stop();
    const older = await worker(async () => {}, patient, ['chat.other.v1']);
    await older.work.enqueue(unit('a'));
    await until(async () => (await older.process.metric('veche_messaging_work_total{class="normal",result="retried"}')) > 0, { interval: 1 });
    await older.server.stop();
    await worker(async ({ id }) => void done.push(id), patient);
    await until(() => done.length > 0, { interval: 5 });
    expect(done).toEqual(['a']);
  });

  it('counts what ended with its process as an attempt, and gives it up after four', async () => {
    const begun: string[] = [];
    const producer = await cluster.process(LADDER);
    for (let life = 1; life <= 4; life++) {
      const { process, work } = await worker(async ({ id }) => {
        begun.push(id);
        await new Promise(() => {});
      });
      if (life === 1) await work.enqueue(unit('killer'));
      await until(() => begun.length === life, { interval: 1 });
      servers.length = 0;
      await process.broker.close();
    }
    await worker(async ({ id }) => void begun.push(`again ${id}`));
    const letters = lettersOf(producer);
    await until(async () => (await letters.depth('work')) === 1, { interval: 5 });
    expect(begun).toHaveLength(4);
    expect(await letters.list('work')).toMatchObject([{ keys: ['killer'], attempts: 4, cause: expect.stringContaining('process') }]);
  });

  it('never has more than its prefetch under way', async () => {
    let [active, most, done] = [0, 0, 0];
    const { work, process } = await worker(
      async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => void setImmediate(resolve));
        active--;
        done++;
      },
      { ...LADDER, RPC_CONSUMER_PREFETCH: 4 },
    );
    await Promise.all(Array.from({ length: 100 }, (_, index) => work.enqueue(unit(`${index}`, WORK_CLASSES[index % 3]!))));
    await until(() => done === 100, { interval: 1 });
    expect(most).toBeLessThanOrEqual(4);
    expect(await process.metric('veche_messaging_inflight_messages{shape="work"}')).toBe(0);
    expect(await process.metric('veche_messaging_deliveries_total{shape="work",result="ack"}')).toBe(100);
  });

  it('goes on in another process when its own stops, and finishes there what it had begun', async () => {
    const done: string[] = [];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const first = await worker(async ({ id }) => {
      begun.resolve();
      await released;
      done.push(`first ${id}`);
    });
    await first.work.enqueue(unit('a'));
    await begun.promise;
    await worker(async ({ id }) => void done.push(`second ${id}`));
    const stopped = first.server.stop();
    await first.work.enqueue(unit('b'));
    await until(() => done.includes('second b'), { interval: 1 });
    release();
    await stopped;
    expect(done).toEqual(['second b', 'first a']);
  });

  it('stores a unit at its next place although the retry queue and its exchange were deleted', async () => {
    const attempts: number[] = [];
    const { promise: broken, resolve: breakIt } = Promise.withResolvers<void>();
    const { work, process } = await worker(async () => {
      attempts.push(Date.now());
      if (attempts.length > 1) return;
      await broken;
      throw new Error('once');
    });
    await work.enqueue(unit('a'));
    await until(() => attempts.length === 1, { interval: 1 });
    const raw = await process.broker.consuming('admin', async () => {}).ready();
    const { name } = cluster.topology.retryExchange(20);
    await raw.deleteQueue(name);
    await raw.deleteExchange(name);
    breakIt();
    await until(() => attempts.length === 2, { interval: 5, timeout: 15_000 });
  });

  it('is taken again after its queue was deleted', async () => {
    const done: string[] = [];
    const { work, process } = await worker(async ({ id }) => void done.push(id));
    const raw = await process.broker.consuming('admin', async () => {}).ready();
    await raw.deleteQueue(cluster.topology.workQueue('chat', 'normal'));
    await until(
      async () => {
        await work.enqueue(unit('a')).catch(() => {});
        return done.length > 0;
      },
      { interval: 50 },
    );
  });

  it('is conserved: of 2,000 units that fail at random each is done or dead, and nothing waits', async () => {
    const attempts = new Map<string, number>();
    const done = new Set<string>();
    const settings = { RPC_RETRY_DELAYS_MS: [20, 60], RPC_MAX_RETRIES: 3, RPC_CONSUMER_PREFETCH: 64 };
    // Fails by its number, so that a run can be repeated: about one in seven never succeeds.
    const does: Does = async ({ id }) => {
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      if (Number(id) % 7 === 0 || attempt <= Number(id) % 3) throw new Error(`attempt ${attempt}`);
      done.add(id);
    };
    const { work, process } = await worker(does, settings);
    await worker(does, settings);
    const ids = Array.from({ length: 2000 }, (_, index) => String(index));
    for (let at = 0; at < ids.length; at += 200) await Promise.all(ids.slice(at, at + 200).map((id) => work.enqueue(unit(id, WORK_CLASSES[Number(id) % 3]!))));
    const letters = lettersOf(process);
    const hopeless = ids.filter((id) => Number(id) % 7 === 0);
    await until(async () => done.size === ids.length - hopeless.length && (await letters.depth('work')) === hopeless.length, {
      interval: 50,
      timeout: 60_000,
    });
    const buried = (await dead(process)).flatMap(({ keys }) => keys);
    expect(buried.toSorted()).toEqual(hopeless.toSorted());
    expect([...done, ...buried].toSorted()).toEqual(ids.toSorted());
    expect(Math.max(...attempts.values())).toBe(4);
    expect(Object.values(await depths(process)).every((depth) => depth === 0)).toBe(true);
  }, 90_000);
});
