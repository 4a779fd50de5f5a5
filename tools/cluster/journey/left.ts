/** The end: of what people saw, and of the release. */
import { eventually } from '@veche/testing';
import { expect, test } from 'vitest';
import { coldStartMs } from '../harness/cold-start.ts';
import type { Crowd } from '../harness/crowd.ts';
import type { Site } from '../harness/site.ts';

/** What a startup probe of the chart allows. */
const STARTED_MS = 120_000;
const KINDS = 'all,configmaps,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets,roles,rolebindings,ingresses,httproutes,hpa';

export function left(site: Site, crowd: Crowd): void {
  const { namespace } = site;

  test('of all that nobody lost anything', async () => {
    const { valid, violations } = await crowd.conclude();
    expect(violations).toEqual([]);
    expect(valid).toBe(true);
    await crowd.disperse();
  });

  test.each(['api', 'websocket', 'sse', 'auth', 'chat', 'notification'])('a process of %s has said how long its start took', async (service) => {
    const ms = await coldStartMs(namespace, service);
    console.log(`${service} was ready ${ms} ms after its start`);
    expect(ms).toBeLessThan(STARTED_MS);
  });

  test('an uninstalled release leaves nothing but data', async () => {
    await site.uninstall();
    const left = async (): Promise<readonly string[]> =>
      (await namespace.list(KINDS, 'app.kubernetes.io/name=veche')).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    // Pods drain for a while after helm has gone.
    await eventually(async () => (await left()).length === 0, { timeoutMs: 90_000 }).catch(() => undefined);
    expect(await left()).toEqual([]);
    expect(await namespace.list('secrets', 'owner=helm,name=veche')).toEqual([]);
    await namespace.until('Ready', 'cluster.postgresql.cnpg.io/veche-data-postgres');
  });
}
