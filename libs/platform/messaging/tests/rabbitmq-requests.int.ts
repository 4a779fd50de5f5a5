import { VecheError } from '@veche/contracts';
import { createTestVhost, type TestVhost } from '@veche/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../src/clock.ts';
import { Replies } from '../src/rabbitmq/replies.ts';
import { RequestServer } from '../src/rabbitmq-requests/request-server.ts';
import { Requests } from '../src/rabbitmq-requests/requests.ts';
import { Cluster, type Process, until } from './shapes.fixture.ts';

const KIND = 'auth.find-users.v1';
let vhost: TestVhost;
let cluster: Cluster;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  vhost = await createTestVhost();
});
beforeEach(() => {
  cluster = new Cluster(vhost.url);
});
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
  await cluster.close();
});
afterAll(() => vhost?.drop());

type Answers = (query: unknown) => Promise<unknown>;
interface Asker {
  readonly process: Process;
  readonly requests: Requests;
  readonly replies: Replies;
  /** `answered`, or the error's name. */
  outcome(query?: unknown, timeoutMs?: number, kind?: string): Promise<string>;
}

async function asker(settings: object = {}): Promise<Asker> {
  const process = await cluster.process(settings);
  const replies = new Replies({ broker: process.broker, topology: process.topology, process: process.id });
  await replies.start();
  const requests = new Requests({ publisher: process.broker.publisher, replies, topology: process.topology }, process.config, process.telemetry);
  requests.serve();
  ends.push(async () => requests.stop());
  return {
    process,
    requests,
    replies,
    outcome: (query = {}, timeoutMs = 5000, kind = KIND) =>
      requests.ask(kind, query, { timeoutMs }).then(
        () => 'answered',
        (error: unknown) => (error instanceof VecheError ? error.error : String(error)),
      ),
  };
}

async function service(handler: Answers, settings: object = {}, clock?: Clock): Promise<{ process: Process; server: RequestServer }> {
  const process = await cluster.process(settings);
  const server = new RequestServer({ ...process, ...(clock && { clock }) }, process.config, process.telemetry);
  await server.serve(new Map([[KIND, handler]]));
  ends.push(() => server.stop());
  return { process, server };
}

const queue = (): string => cluster.topology.requestPart('auth', []).queues[0]!.name;
const admin = async (process: Process) => process.broker.consuming('admin', async () => {}).ready();
const gate = () => Promise.withResolvers<void>();

describe('requests over RabbitMQ', () => {
  it('are shared by the processes of a service, each answered once', async () => {
    const counts = [0, 0];
    for (const index of [0, 1])
      await service(async (query) => {
        counts[index]!++;
        await new Promise((resolve) => void setImmediate(resolve));
        return query;
      });
    const { requests } = await asker({ RPC_CONSUMER_PREFETCH: 100 });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => requests.ask(KIND, index)));
    expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => index));
    expect(counts[0]! + counts[1]!).toBe(200);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it('end at their deadline when the service is mute, 5 s by default', async () => {
    await service(() => new Promise(() => {}));
    ends.length = 0; // its handler never ends, so neither would its stop
    const { requests } = await asker();
    const began = performance.now();
    await expect(requests.ask(KIND, {})).rejects.toMatchObject({ error: 'outcome_unknown' });
    expect(performance.now() - began).toBeGreaterThan(4990);
    expect(performance.now() - began).toBeLessThan(7000);
  });

  it('are refused at once while no process ever answered their service', async () => {
    const { outcome } = await asker();
    const began = performance.now();
    expect(await outcome()).toBe('unavailable');
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it('are refused at once when the service answers, but not this kind', async () => {
    await service(async () => 'ok');
    expect(await (await asker()).outcome({}, 5000, 'auth.unheard-of.v1')).toBe('unavailable');
  });

  it('never have more than the prefetch under way in one process', async () => {
    const release = gate();
    let [active, most] = [0, 0];
    const { process } = await service(async () => {
      most = Math.max(most, ++active);
      await release.promise;
      active--;
    });
    const { outcome } = await asker();
    const asked = Array.from({ length: 50 }, () => outcome({}, 15_000));
    await until(() => active === 32, { interval: 1 });
    const raw = await admin(process);
    await until(async () => (await raw.checkQueue(queue())).messageCount === 18, { interval: 5 });
    expect(await process.metric('veche_messaging_inflight_messages{shape="request"}')).toBe(32);
    release.resolve();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['answered']));
    expect(most).toBe(32);
  });

  it('are never begun once nobody waits for them any more', async () => {
    const begun: unknown[] = [];
    const release = gate();
    const { process } = await service(
      async (query) => {
        begun.push(query);
        await release.promise;
      },
      { RPC_CONSUMER_PREFETCH: 1 },
    );
    const { outcome } = await asker();
    const first = outcome('first');
    await until(() => begun.length === 1, { interval: 1 });
    expect(await outcome('expires in the queue', 50)).toBe('outcome_unknown');
    // As of an asker whose clock is ahead of the broker's: expired by what the message says.
    await process.broker.publisher.publish(cluster.topology.requests.name, KIND, Buffer.from('"expired by its deadline"'), {
      messageId: 'x',
      type: KIND,
      headers: { deadline: Date.now() - 1 },
    });
    release.resolve();
    expect(await first).toBe('answered');
    expect(await outcome('last')).toBe('answered');
    expect(begun).toEqual(['first', 'last']);
    expect(await process.metric('veche_messaging_requests_turned_away_total{service="auth",reason="expired"}')).toBe(1);
  });

  it('are answered by another process when the one that had taken them is gone', async () => {
    const begun = gate();
    const first = await service(() => {
      begun.resolve();
      return new Promise(() => {});
    });
    ends.length = 0;
    const { requests } = await asker();
    const asked = requests.ask(KIND, {});
    await begun.promise;
    await service(async () => 'second');
    await first.process.broker.close();
    expect(await asked).toBe('second');
  });

  it('are given up after two processes died of them', async () => {
    const begun: number[] = [];
    for (const index of [0, 1, 2]) {
      const { process } = await service(async () => {
        begun.push(index);
        void process.broker.close();
        return new Promise(() => {});
      });
    }
    ends.length = 0;
    const { outcome } = await asker();
    expect(await outcome('poison', 1500)).toBe('outcome_unknown');
    expect(begun).toHaveLength(2);
  });

  it('are not sent while the breaker is open, and sent again once a probe is answered', async () => {
    let mute = true;
    let begun = 0;
    await service(
      async () => {
        begun++;
        if (mute) await new Promise(() => {});
        return 'ok';
      },
      { RPC_CONSUMER_PREFETCH: 1000 },
    );
    ends.length = 0;
    const { outcome, process } = await asker();
    expect(await Promise.all(Array.from({ length: 5 }, () => outcome({}, 50)))).toEqual(Array.from({ length: 5 }, () => 'outcome_unknown'));
    const published = await process.metric('veche_messaging_publishes_total{outcome="confirmed"}');
    const began = performance.now();
    expect(await Promise.all(Array.from({ length: 100 }, () => outcome({}, 50)))).toEqual(Array.from({ length: 100 }, () => 'unavailable'));
    expect(performance.now() - began).toBeLessThan(1000);
    expect(await process.metric('veche_messaging_publishes_total{outcome="confirmed"}')).toBe(published);
    expect(await process.metric('veche_messaging_breaker_open{service="auth"}')).toBe(1);
    expect(begun).toBe(5);
    mute = false;
    await until(async () => (await outcome()) === 'answered', { interval: 10 });
    expect(await process.metric('veche_messaging_breaker_open{service="auth"}')).toBe(0);
  });

  it('are shed by a service with too many waiting, which answers all again afterwards', async () => {
    let release = gate();
    let [answered, active] = [0, 0];
    // Time stands, so that the server looks at its queue when the test says so.
    let now = Date.now();
    const { process } = await service(
      async () => {
        active++;
        await release.promise;
        active--;
        answered++;
      },
      { RPC_CONSUMER_PREFETCH: 2, RPC_BACKLOG: 20 },
      { ...systemClock, now: () => now },
    );
    // Several askers, since each bounds its own.
    const askers = await Promise.all(Array.from({ length: 3 }, () => asker({ RPC_CONSUMER_PREFETCH: 2, RPC_BACKLOG: 20 })));
    const ask = (times: number): Promise<string>[] => askers.flatMap(({ outcome }) => Array.from({ length: times }, () => outcome({}, 15_000)));
    // The first look, which is due as soon as it is busy, finds next to nobody waiting.
    const first = ask(1);
    await until(() => active === 2, { interval: 1 });
    release.resolve();
    expect(await Promise.all(first)).toEqual(['answered', 'answered', 'answered']);
    release = gate();
    answered = 0;
    const asked = ask(20);
    const raw = await admin(process);
    await until(async () => (await raw.checkQueue(queue())).messageCount === 58, { interval: 5 });
    now += 150;
    release.resolve();
    const outcomes = Object.groupBy(await Promise.all(asked), (each) => each);
    expect(outcomes['unavailable']!.length).toBeGreaterThanOrEqual(30);
    expect(outcomes['answered']!.length).toBe(answered);
    expect(answered).toBeGreaterThan(5);
    expect(await process.metric('veche_messaging_requests_turned_away_total{service="auth",reason="overloaded"}')).toBe(outcomes['unavailable']!.length);
    await until(async () => (await askers[0]!.outcome()) === 'answered', { interval: 10 });
  });

  it('end at once as unknown when the queue of answers is lost, and are answered in the next', async () => {
    const begun = gate();
    await service(async (query) => {
      begun.resolve();
      if (query === 'lost') await new Promise(() => {});
      return 'ok';
    });
    ends.length = 0;
    const { outcome, replies } = await asker();
    const asked = outcome('lost');
    await begun.promise;
    const name = `${cluster.prefix}.replies.${replies.address}`;
    await vhost.ctl(
      'eval',
      `rabbit_amqqueue:with(rabbit_misc:r(<<"${vhost.name}">>, queue, <<"${name}">>), fun(Q) -> rabbit_amqqueue:delete(Q, false, false, <<"test">>) end).`,
    );
    expect(await asked).toBe('outcome_unknown');
    await until(async () => (await outcome('again')) === 'answered', { interval: 10 });
  });

  it('are answered again after the queue of the service, or an exchange, was deleted', async () => {
    const { process } = await service(async () => 'ok');
    const { outcome } = await asker();
    const raw = await admin(process);
    for (const remove of [
      () => raw.deleteQueue(queue()),
      () => raw.deleteExchange(cluster.topology.requests.name),
      () => raw.deleteExchange(cluster.topology.replies.name),
    ]) {
      expect(await outcome()).toBe('answered');
      await remove();
      await until(async () => (await outcome({}, 500)) === 'answered', { interval: 20, timeout: 15_000 });
    }
  }, 60_000);

  it('end typed while the broker is away, and go on when it is back', async () => {
    await service(async () => 'ok');
    const { outcome, process } = await asker();
    const asked = outcome();
    expect(await asked).toBe('answered');
    const pid = (await vhost.ctl('list_connections', '-q', 'pid', 'vhost')).split('\n').filter((line) => line.includes(vhost.name));
    await Promise.all(pid.map((line) => vhost.ctl('close_connection', line.split('\t')[0]!, 'test')));
    const outcomes = new Set<string>();
    await until(
      async () => {
        const one = await outcome({}, 300);
        outcomes.add(one);
        return one === 'answered';
      },
      { interval: 5, timeout: 15_000 },
    );
    for (const each of outcomes) expect(['answered', 'unavailable', 'outcome_unknown']).toContain(each);
    expect(process.broker.publisher.hindered).toBeUndefined();
  });
});
