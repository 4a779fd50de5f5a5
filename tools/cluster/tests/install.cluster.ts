/** What a person does first: install stage 1 by the commands of the README, and two people chat. */
import { checkHistory, eventually, HistoryRecorder } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CentrifugeSubscriber } from '../../../apps/e2e/src/centrifuge-subscriber.ts';
import { EventSourceSubscriber } from '../../../apps/e2e/src/event-source-subscriber.ts';
import { dumpOf } from '../../../apps/e2e/src/log-dump.ts';
import { register } from '../../../apps/e2e/src/people.ts';
import { byRpc, Sender } from '../../../apps/e2e/src/sender.ts';
import { coldStartMs } from '../harness/cold-start.ts';
import { metricOf, reaches, servingPods } from '../harness/pods.ts';
import { scansOfReplica } from '../harness/postgres.ts';
import { byGateway, byIngress } from '../harness/release-values.ts';
import { Site } from '../harness/site.ts';
import { openThread } from '../harness/threads.ts';

const MESSAGES = 20;
/** On a machine that does nothing else it is a third of it. */
const READY_MS = 5000;
let veche: Site;

beforeAll(async () => {
  veche = await Site.create('veche-install');
});
afterAll(() => veche.remove());
afterEach(({ task }) => veche.evidenceOf(task));

/** Two people with the unmodified client and a third who only listens by EventSource; @returns what the checker says of all they saw. */
async function chat(names: string) {
  const history = new HistoryRecorder();
  const [anna, boris] = [await register(veche.origin, `${names}-anna`), await register(veche.origin, `${names}-boris`)];
  const channel = await openThread(veche.origin, anna, [boris], history);
  const clients = [anna, boris].map((person) => new CentrifugeSubscriber(person.login, 'websocket', veche.origin, person.token, [channel], history));
  const screens = [...clients, new EventSourceSubscriber(`${names}-listener`, veche.origin, boris.token, channel, history)];
  await Promise.all(screens.map((screen) => screen.start()));
  const senders = clients.map((client) => new Sender(`sender of ${client.name}`, byRpc(client.client), history));
  for (let at = 0; at < MESSAGES; at++) await senders[at % 2]?.send(channel, `message ${at}`);
  const log = await dumpOf(veche.origin, anna.token, channel);
  await eventually(() => screens.every((screen) => screen.shown(channel) === log.length), { what: 'everybody has seen everything' });
  await Promise.all(screens.map((screen) => screen.stop()));
  return checkHistory({ entries: history.entries, log });
}

test('stage 1 is installed, and people chat through the HTTPRoute', async () => {
  const seconds = await veche.moveTo(1, { route: byGateway(veche.namespace.name) });
  console.log(`stage 1 installed in ${seconds} s`);
  expect(await chat('route')).toMatchObject({ violations: [], valid: true, counts: { acknowledged: 1 + MESSAGES } });
});

test('a process is ready soon after its start', async () => {
  const [pod = ''] = await servingPods(veche.namespace, 'standalone');
  const ms = await coldStartMs(veche.namespace, pod, 'standalone');
  console.log(`standalone is ready ${ms} ms after its start`);
  expect(ms).toBeLessThan(READY_MS);
});

test('a read replica answers what is read', async () => {
  const before = await scansOfReplica(veche.namespace);
  expect(await chat('replica')).toMatchObject({ valid: true });
  // Its statistics reach the view at the end of a session's idle second.
  await eventually(async () => (await scansOfReplica(veche.namespace)) > before, { timeoutMs: 30_000, what: 'the replica was asked for tables of ours' });
  const [pod = ''] = await servingPods(veche.namespace, 'standalone');
  expect(await metricOf(veche.namespace, pod, 'veche_postgres_replica_failures_total')).toBe(0);
});

test('a pod reaches its servers, and nobody else', async () => {
  const [pod = ''] = await servingPods(veche.namespace, 'standalone');
  expect(await reaches(veche.namespace, pod, 'veche-data-postgres-rw', 5432)).toBe(true);
  expect(await reaches(veche.namespace, pod, 'kubernetes.default', 443)).toBe(false);
});

test('the same release is reached through an Ingress', async () => {
  await veche.moveTo(1, { route: byIngress(veche.namespace.name) });
  expect(await veche.namespace.list('httproutes')).toEqual([]);
  expect(await chat('ingress')).toMatchObject({ violations: [], valid: true, counts: { acknowledged: 1 + MESSAGES } });
});

test('the chart’s own tests pass', async () => {
  expect(await veche.release.test()).toMatch(/Phase:\s+Succeeded/);
});

test('an uninstalled release leaves nothing but data', async () => {
  await veche.release.uninstall();
  const kinds = 'all,configmaps,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets,roles,rolebindings,ingresses,httproutes,hpa';
  const left = async (): Promise<readonly string[]> =>
    (await veche.namespace.list(kinds, 'app.kubernetes.io/name=veche')).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  // Pods drain for a while after helm has gone.
  await eventually(async () => (await left()).length === 0, { timeoutMs: 90_000 }).catch(() => undefined);
  expect(await left()).toEqual([]);
  expect(await veche.namespace.list('secrets', 'owner=helm,name=veche')).toEqual([]);
  await veche.namespace.until('Ready', 'cluster.postgresql.cnpg.io/veche-data-postgres');
});
