import { VecheError } from '@veche/contracts';
import { rabbitMqProblem, type RabbitMqServer, type RabbitVersion, startRabbitMq } from '@veche/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDeadLetters, type WorkUnit } from '../src/index.ts';
import { WORK_CLASSES } from '../src/rabbitmq/topology.ts';
import { event, Reader } from './conformance/fanout.conformance.ts';
import { openAdapter, type OpenedAdapter } from './rabbitmq.fixture.ts';
import { until } from './shapes.fixture.ts';

const KIND = 'chat.rebuild.v1';
const LADDER = { RPC_RETRY_DELAYS_MS: [50, 200], RPC_MAX_RETRIES: 3, RPC_CONSUMER_PREFETCH: 16 };
const versions: readonly RabbitVersion[] = [3, 4];

for (const version of versions) {
  const problem = rabbitMqProblem(version);
  describe.skipIf(problem !== undefined)(`the shapes on RabbitMQ ${version}${problem === undefined ? '' : `, left out: ${problem}`}`, () => {
    let server: RabbitMqServer;
    let installation = 0;
    const opened: OpenedAdapter[] = [];
    beforeAll(async () => {
      server = await startRabbitMq({ version });
    }, 120_000);
    afterAll(() => server?.remove());
    afterEach(async () => {
      await Promise.all(opened.splice(0).map(({ adapter }) => adapter.stop()));
      installation++;
    }, 60_000);

    const open = (settings: object = {}): OpenedAdapter => {
      const made = openAdapter(server.url, { ...LADDER, ...settings }, `f${installation}`);
      opened.push(made);
      return made;
    };
    /**
     * RabbitMQ writes down a second or more later which quorum queues it has. One that was declared just before a crash comes back without its
     * log: empty, although publishes were confirmed, and without a leader for ever (measured, 3.10.8 and 4.0.5). Queues are declared once in their life.
     */
    const settled = (): Promise<string> => server.ctl('eval', '[dets:sync(Table) || Table <- dets:all()].');
    const restart = async (): Promise<void> => {
      await server.kill();
      await server.start();
    };

    it('conserves work while the broker is killed: what was confirmed is done or dead, and nothing waits', async () => {
      const attempts = new Map<string, number>();
      const done = new Set<string>();
      const does = async ({ id }: WorkUnit): Promise<void> => {
        const attempt = (attempts.get(id) ?? 0) + 1;
        attempts.set(id, attempt);
        if (Number(id) % 9 === 0 || attempt <= Number(id) % 2) throw new Error(`attempt ${attempt}`);
        done.add(id);
      };
      const [first, second] = [open(), open()];
      for (const { adapter } of [first, second]) await adapter.serve({ requests: new Map(), work: new Map([[KIND, does]]) });
      const queued = new Set<string>();
      // Under the same id until the broker has it: that is what a producer does.
      const queue = async (id: string): Promise<void> => {
        const unit = { kind: KIND, class: WORK_CLASSES[Number(id) % 3]!, id, data: null };
        await until(
          () =>
            first.adapter.work.enqueue(unit).then(
              () => true,
              (error: unknown) => {
                expect(error).toBeInstanceOf(VecheError);
                return false;
              },
            ),
          { interval: 50, timeout: 60_000 },
        );
        queued.add(id);
      };
      const ids = Array.from({ length: 2000 }, (_, index) => String(index));
      const load = (async () => {
        for (let at = 0; at < ids.length; at += 50) await Promise.all(ids.slice(at, at + 50).map(queue));
      })();
      await settled();
      await until(() => queued.size >= 300, { interval: 1, timeout: 20_000 });
      await restart();
      await until(() => queued.size >= 1200, { interval: 1, timeout: 60_000 });
      await restart();
      await load;
      const { letters, close } = await openDeadLetters(first.settings);
      const buried = async (): Promise<Set<string>> => new Set((await letters.list('work')).flatMap(({ keys }) => keys));
      await until(async () => new Set([...done, ...(await buried())]).size === ids.length, { interval: 200, timeout: 60_000 });
      for (const id of await buried()) expect([id, done.has(id) && Number(id) % 9 === 0]).toEqual([id, false]);
      expect(ids.filter((id) => Number(id) % 9 !== 0 && !done.has(id) && !queued.has(id))).toEqual([]);
      await close();
      for (const workClass of WORK_CLASSES)
        await until(async () => (await depthOf(server, first, `chat.work.${workClass}`)) === 0, { interval: 200, timeout: 20_000 });
      for (const delay of LADDER.RPC_RETRY_DELAYS_MS) expect(await depthOf(server, first, `work.retry.${delay}`)).toBe(0);
    }, 180_000);

    it('ends every request typed within its deadline while the broker is killed, and answers again within 5 s of its return', async () => {
      const [asker, service] = [open(), open()];
      await service.adapter.serve({ requests: new Map([['auth.find-users.v1', async (query: unknown) => query]]), work: new Map() });
      await asker.adapter.serve({ requests: new Map(), work: new Map() });
      const outcomes: { readonly outcome: string; readonly ms: number }[] = [];
      const ask = async (): Promise<string> => {
        const began = performance.now();
        const outcome = await asker.adapter.requests.ask('auth.find-users.v1', 1, { timeoutMs: 2000 }).then(
          () => 'answered',
          (error: unknown) => (error instanceof VecheError ? error.error : `untyped: ${String(error)}`),
        );
        outcomes.push({ outcome, ms: performance.now() - began });
        return outcome;
      };
      expect(await ask()).toBe('answered');
      await settled();
      const restarted = restart().then(() => performance.now());
      await until(async () => (await ask()) !== 'answered', { interval: 5 });
      await restarted;
      await until(async () => (await ask()) === 'answered', { interval: 20, timeout: 10_000 });
      expect(performance.now() - (await restarted)).toBeLessThan(5000);
      for (const { outcome } of outcomes) expect(['answered', 'unavailable', 'outcome_unknown']).toContain(outcome);
      expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(2500);
    }, 60_000);

    it('tells readers of an interruption once they hear again', async () => {
      const [publisher, listener] = [open(), open()];
      const reader = new Reader();
      listener.adapter.events.subscribe(reader);
      for (const { adapter } of [publisher, listener]) await adapter.serve({ requests: new Map(), work: new Map() });
      await publisher.adapter.events.publish([event('thread:a', 1)]);
      await until(() => reader.seen.length === 1, { interval: 1 });
      await settled();
      await restart();
      await until(() => reader.interruptions > 0, { interval: 5, timeout: 10_000 });
      let seq = 1;
      await until(
        async () => {
          await publisher.adapter.events.publish([event('thread:a', ++seq)]).catch(() => {});
          return reader.seen.length > 1;
        },
        { interval: 20, timeout: 10_000 },
      );
    }, 60_000);

    it('opens again a channel that the server closed, and does the work that was on it once more', async () => {
      const done: string[] = [];
      const { promise: broken, resolve: breakIt } = Promise.withResolvers<void>();
      const one = open();
      await one.adapter.serve({
        requests: new Map(),
        work: new Map([
          [
            KIND,
            async ({ id }: WorkUnit) => {
              if (done.push(id) === 1) await broken;
            },
          ],
        ]),
      });
      await one.adapter.work.enqueue({ kind: KIND, class: 'normal', id: 'a', data: null });
      await until(() => done.length === 1, { interval: 1 });
      // As the server ends a channel on which an ack is overdue.
      await server.ctl('eval', '[rabbit_channel:shutdown(C) || C <- rabbit_channel:list()].');
      await until(() => done.length === 2, { interval: 5, timeout: 15_000 });
      breakIt();
      expect(done).toEqual(['a', 'a']);
    }, 60_000);
  });
}

async function depthOf(server: RabbitMqServer, { settings }: OpenedAdapter, name: string): Promise<number> {
  const rows = (await server.ctl('list_queues', '-q', 'name', 'messages')).split('\n').map((line) => line.split('\t'));
  return Number(rows.find(([queue]) => queue === `${settings.RABBITMQ_PREFIX}.${name}`)?.[1] ?? -1);
}
