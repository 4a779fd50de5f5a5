/** What somebody does first: stage 1, and two people chat. */
import { eventually } from '@veche/testing';
import { expect, test } from 'vitest';
import { chat, MESSAGES } from '../harness/chat.ts';
import { metricOf, reaches, servingPods } from '../harness/pods.ts';
import { psql, scansOfReplica } from '../harness/postgres.ts';
import { byIngress } from '../harness/release-values.ts';
import type { Site } from '../harness/site.ts';

const NOTHING_WRONG = { violations: [], valid: true, counts: { acknowledged: 1 + MESSAGES } };

export function installed(site: Site): void {
  test('stage 1 is installed, its own tests pass, and people chat through the HTTPRoute', async () => {
    console.log(`stage 1 installed in ${await site.install()} s`);
    expect(await chat(site.origin, 'route')).toMatchObject(NOTHING_WRONG);
  });

  test('a read replica answers what is read', async () => {
    const [pod = ''] = await servingPods(site.namespace, 'standalone');
    const failures = (): Promise<number> => metricOf(site.namespace, pod, 'veche_postgres_replica_failures_total');
    // It may have come up later than the pod.
    const before = { scans: await scansOfReplica(site.namespace), failures: await failures() };
    expect(await chat(site.origin, 'replica')).toMatchObject(NOTHING_WRONG);
    // Its statistics reach the view at the end of a session's idle second.
    await eventually(async () => (await scansOfReplica(site.namespace)) > before.scans, {
      timeoutMs: 30_000,
      what: 'the replica was asked for tables of ours',
    });
    expect(await failures()).toBe(before.failures);
  });

  test('a pod reaches its servers, and nobody else', async () => {
    const [pod = ''] = await servingPods(site.namespace, 'standalone');
    expect(await reaches(site.namespace, pod, 'veche-data-postgres-rw', 5432)).toBe(true);
    expect(await reaches(site.namespace, pod, 'kubernetes.default', 443)).toBe(false);
  });

  test('the same release is reached through an Ingress', async () => {
    // The one beside the other first: a controller hears of a route that is gone before it has taken up the next.
    await site.change({ route: { ingress: byIngress } });
    await site.change({ route: { ingress: byIngress, gateway: { enabled: false } } });
    expect(await site.namespace.list('httproutes')).toEqual([]);
    expect(await chat(site.origin, 'ingress')).toMatchObject(NOTHING_WRONG);
    await site.change({ route: { ingress: byIngress } });
  });

  test('after a restore no channel has the epoch that it had', async () => {
    const kept = 'SELECT count(*) FROM channel JOIN channel_before_restore USING (name, epoch)';
    await psql(site.namespace, 'primary', 'CREATE TABLE channel_before_restore AS SELECT name, epoch FROM channel');
    expect(Number(await psql(site.namespace, 'primary', kept))).toBeGreaterThan(0);
    await site.follow('After a restore');
    expect(await psql(site.namespace, 'primary', kept)).toBe('0');
    await psql(site.namespace, 'primary', 'DROP TABLE channel_before_restore');
    expect(await chat(site.origin, 'restored')).toMatchObject(NOTHING_WRONG);
  });
}
