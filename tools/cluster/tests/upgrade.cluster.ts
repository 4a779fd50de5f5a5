/** The four stages and one step back, while five hundred people stay connected and talk. */
import { eventually } from '@veche/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Crowd } from '../harness/crowd.ts';
import { crowdSettings } from '../harness/release-values.ts';
import { Site, type Stage } from '../harness/site.ts';

const SOCKETS = 500;
const MOVES: readonly Stage[] = [2, 3, 4, 3];
/** The requests of the small profile are less than an idle process takes: without a bound every service goes to its most at once. */
const values = { settings: crowdSettings, defaults: { autoscaling: { customMetrics: false, maxReplicas: 3 } } };
/** Pods that drain for a minute each, one after another, several times over. */
const LONG_MS = 1_800_000;

let veche: Site;
let crowd: Crowd;

beforeAll(async () => {
  veche = await Site.create('veche-upgrade');
});
afterAll(async () => {
  await crowd?.disperse();
  await veche.remove();
});
afterEach(({ task }) => veche.evidenceOf(task));

test(
  '500 live sockets with a steady load are moved through the stages, and back by one, and lose nothing',
  async () => {
    await veche.moveTo(1, values);
    crowd = new Crowd(veche.origin, { people: 50, threads: 25, sockets: SOCKETS, messagesPerSecond: 10 });
    await crowd.gather();
    crowd.startLoad();
    let from = 1;
    for (const stage of MOVES) {
      crowd.reconnects.reset();
      const seconds = await veche.moveTo(stage, values);
      await eventually(() => crowd.connected === SOCKETS, { timeoutMs: 60_000, what: 'everybody is connected again' });
      console.log(`stage ${from} → ${stage}: ${seconds} s, ${crowd.reconnects.summary}, ${crowd.answered} messages answered so far`);
      from = stage;
    }
    const log = await crowd.settle();
    await eventually(() => crowd.caughtUp(log), { timeoutMs: 60_000, what: 'every socket has seen the end of its log' });
    const { valid, violations, counts } = crowd.verdict(log);
    console.log(`of ${counts.logged} events: ${counts.shown} shown to ${SOCKETS} sockets, ${violations.length} violations`);
    expect(violations).toEqual([]);
    expect(valid).toBe(true);
  },
  LONG_MS,
);
