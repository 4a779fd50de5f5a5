/** Postgres by charts/veche-data with the real operator: a primary, a replica and poolers; and the primary killed while people write. */
import { eventually } from '@veche/testing';
import { expect, test } from 'vitest';
import type { Crowd } from '../harness/crowd.ts';
import { podOf, psql } from '../harness/postgres.ts';
import type { Site } from '../harness/site.ts';

export function failedOver(site: Site, crowd: Crowd): void {
  const { namespace } = site;

  test('there are a primary, a replica that follows it, and poolers before both', async () => {
    expect(await psql(namespace, 'primary', 'SELECT count(*) FROM pg_stat_replication')).toBe('1');
    expect(await psql(namespace, 'replica', 'SELECT pg_is_in_recovery()')).toBe('t');
    const poolers = await namespace.list('poolers.postgresql.cnpg.io');
    expect(poolers.map(({ metadata }) => metadata.name).toSorted()).toEqual(['veche-data-pooler-ro', 'veche-data-pooler-rw']);
  });

  test('a killed primary costs a gap, after which people are answered again', async () => {
    crowd.reconnects.reset();
    const [killed, before] = [await podOf(namespace, 'primary'), crowd.answered];
    await namespace.kubectl(['delete', 'pod', killed, '--grace-period=0', '--force']);
    await eventually(async () => (await podOf(namespace, 'primary')) !== killed, { timeoutMs: 180_000, what: 'another server is primary' });
    const since = crowd.answered;
    await eventually(() => crowd.answered > since + 100, { timeoutMs: 180_000, what: 'messages are answered again' });
    // No pod is ready without its database, so none takes new sessions; those that are there stay.
    await crowd.complete();
    console.log(`killed primary: no answer for ${(crowd.longestSilenceMs(before) / 1000).toFixed(1)} s, ${crowd.reconnects.summary}`);
  });
}
