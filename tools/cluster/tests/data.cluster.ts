/** charts/veche-data with the real operator: a primary, a replica and poolers; and the primary killed while people write. */
import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Crowd } from '../harness/crowd.ts';
import { podOf, psql } from '../harness/postgres.ts';
import { crowdSettings } from '../harness/release-values.ts';
import { Site } from '../harness/site.ts';

const SOCKETS = 50;
let veche: Site;
let crowd: Crowd;

beforeAll(async () => {
  veche = await Site.create('veche-failover');
  await veche.moveTo(2, { settings: crowdSettings });
  crowd = new Crowd(veche.origin, { people: 20, threads: 10, sockets: SOCKETS, messagesPerSecond: 20 });
  await crowd.gather();
});
afterAll(async () => {
  await crowd?.disperse();
  await veche.remove();
});
afterEach(({ task }) => veche.evidenceOf(task));

test('there are a primary, a replica that follows it, and poolers before both', async () => {
  expect(await psql(veche.namespace, 'primary', 'SELECT count(*) FROM pg_stat_replication')).toBe('1');
  expect(await psql(veche.namespace, 'replica', 'SELECT pg_is_in_recovery()')).toBe('t');
  const poolers = await veche.namespace.list('poolers.postgresql.cnpg.io');
  expect(poolers.map(({ metadata }) => metadata.name).toSorted()).toEqual(['veche-data-pooler-ro', 'veche-data-pooler-rw']);
});

test('a killed primary costs a gap, and no acknowledged message', async () => {
  crowd.startLoad();
  await eventually(() => crowd.answered > 100, { timeoutMs: 60_000 });
  const [killed, before] = [await podOf(veche.namespace, 'primary'), crowd.answered];
  await veche.namespace.kubectl(['delete', 'pod', killed, '--grace-period=0', '--force']);
  await eventually(async () => (await podOf(veche.namespace, 'primary')) !== killed, { timeoutMs: 180_000, what: 'another server is primary' });
  await eventually(() => crowd.answered > before + 400, { timeoutMs: 180_000, what: 'messages are answered again' });
  const log = await crowd.settle();
  await eventually(() => crowd.caughtUp(log), { timeoutMs: 60_000, what: 'every socket has seen the end of its log' });
  const { valid, violations, counts } = crowd.verdict(log);
  console.log(
    `primary killed: no answer for ${(crowd.longestSilenceMs / 1000).toFixed(1)} s, of ${counts.acknowledged} acknowledged messages ${violations.length} violations`,
  );
  expect(violations).toEqual([]);
  expect(valid).toBe(true);
});
