/** What happens to pods on an ordinary day, with a crowd connected: nobody loses a message, and some pod always takes new sessions. */
import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { coldStartMs } from '../harness/cold-start.ts';
import { Crowd } from '../harness/crowd.ts';
import { servingPods, settled } from '../harness/pods.ts';
import { crowdSettings } from '../harness/release-values.ts';
import { drainPods, uncordon } from '../harness/node.ts';
import { Site } from '../harness/site.ts';
import { StandInPrometheus } from '../harness/stand-in-prometheus.ts';
import { Watch } from '../harness/watch.ts';

const SOCKETS = 300;
/** Under the load of a crowd; on a machine that does nothing else it is a third of it. */
const READY_MS = 5000;
/** Few and soon: what is shown is who goes and what it costs, not how long a quiet quarter of an hour is. */
const autoscaling = { enabled: true, by: 'hpa', customMetrics: false, minReplicas: 2, maxReplicas: 3, cpuPercent: 20, memoryPercent: 100, downSeconds: 15 };

let veche: Site;
let crowd: Crowd;

beforeAll(async () => {
  veche = await Site.create('veche-disruption');
  await veche.moveTo(2, { settings: crowdSettings });
  crowd = new Crowd(veche.origin, { people: 30, threads: 15, sockets: SOCKETS, messagesPerSecond: 10 });
  await crowd.gather();
  crowd.startLoad();
});
afterAll(async () => {
  await uncordon();
  await crowd?.disperse();
  await veche.remove();
});
afterEach(({ task }) => veche.evidenceOf(task));

/** Does something to pods; @returns fewest gateways that served meanwhile */
async function during(what: string, act: () => Promise<unknown>): Promise<number> {
  crowd.reconnects.reset();
  const started = performance.now();
  const watch = Watch.start(async () => (await servingPods(veche.namespace, 'websocket')).length);
  await act();
  await eventually(() => crowd.connected === SOCKETS, { timeoutMs: 90_000, what: 'everybody is connected again' });
  const fewest = await watch.end();
  console.log(`${what}: ${Math.round((performance.now() - started) / 1000)} s, ${crowd.reconnects.summary}, never fewer than ${fewest} gateways`);
  return fewest;
}

test.each(['api', 'websocket', 'sse', 'auth', 'chat', 'notification'])('a process of %s is ready soon after its start', async (app) => {
  const [pod = ''] = await servingPods(veche.namespace, app);
  const ms = await coldStartMs(veche.namespace, pod, app);
  console.log(`${app} is ready ${ms} ms after its start`);
  expect(ms).toBeLessThan(READY_MS);
});

test('a restart of everything leaves gateways that serve', async () => {
  const fewest = await during('rollout restart', async () => {
    await veche.namespace.kubectl(['rollout', 'restart', 'deployment']);
    await veche.namespace.rolledOut('deployment');
    await settled(veche.namespace, 'websocket', 2);
  });
  expect(fewest).toBeGreaterThan(0);
});

test('a drain of the gateways’ node takes one at a time, as the budget says', async () => {
  const fewest = await during('drain', async () => {
    // There is no other node for the successor: the second gateway must be refused until it stands.
    expect(await drainPods(veche.namespace, 'websocket', 20)).toMatch(/violate the pod's disruption budget/);
    await uncordon();
    await settled(veche.namespace, 'websocket', 2);
  });
  expect(fewest).toBeGreaterThan(0);
});

test('a deleted gateway pod is left by everybody in time', async () => {
  const fewest = await during('deleted gateway', () => deleteOne('websocket'));
  expect(fewest).toBeGreaterThan(0);
});

test('a deleted owner of channels hands them over', async () => {
  await during('deleted owner', () => deleteOne('chat'));
});

test('owners are added when commands wait too long, by KEDA', async () => {
  const prometheus = await StandInPrometheus.start(veche.namespace, inject('image'));
  await during('scale on queue age', async () => {
    const chat = { autoscaling: { ...autoscaling, by: 'keda', cpuPercent: 100, queueAgeSeconds: 2, prometheus: prometheus.address } };
    await veche.moveTo(2, { settings: crowdSettings, services: { chat } });
    await veche.namespace.until('Ready', 'scaledobjects.keda.sh/veche-chat', 60);
    expect(await servingPods(veche.namespace, 'chat')).toHaveLength(2);
    await prometheus.answer(10);
    await settled(veche.namespace, 'chat', 3, 120_000);
  });
});

test('gateways are added under load and taken away one by one', async () => {
  await during('scale-out and scale-in', async () => {
    await veche.moveTo(2, { settings: crowdSettings, services: { websocket: { autoscaling } } });
    await eventually(async () => (await servingPods(veche.namespace, 'websocket')).length === 3, { timeoutMs: 240_000, what: 'a third gateway serves' });
    await crowd.rest();
    await settled(veche.namespace, 'websocket', 2, 420_000);
  });
});

test('of all that nobody lost anything', async () => {
  const log = await crowd.settle();
  await eventually(() => crowd.caughtUp(log), { timeoutMs: 60_000, what: 'every socket has seen the end of its log' });
  const { valid, violations, counts } = crowd.verdict(log);
  console.log(`of ${counts.logged} events: ${counts.shown} shown to ${SOCKETS} sockets, ${violations.length} violations`);
  expect(violations).toEqual([]);
  expect(valid).toBe(true);
});

async function deleteOne(service: string): Promise<void> {
  const [pod = ''] = await servingPods(veche.namespace, service);
  await veche.namespace.kubectl(['delete', 'pod', pod]);
  await settled(veche.namespace, service, 2);
}
