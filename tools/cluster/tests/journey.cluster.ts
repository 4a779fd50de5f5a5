/** One release from its first day to its last, by the lines of docs/operations.md, while five hundred people stay connected and talk. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest';
import { Crowd } from '../harness/crowd.ts';
import { during } from '../harness/during.ts';
import { uncordon } from '../harness/node.ts';
import { Site } from '../harness/site.ts';
import { disturbed } from '../journey/disturbed.ts';
import { failedOver } from '../journey/failed-over.ts';
import { installed } from '../journey/installed.ts';
import { left } from '../journey/left.ts';
import { traced } from '../journey/traced.ts';

/** The requests of the small profile are less than an idle process takes: without a bound every service goes to its most at once. */
const FEW = { defaults: { autoscaling: { customMetrics: false, maxReplicas: 3 } } };

const site = new Site('veche-journey');
const crowd = new Crowd(site.origin, { people: 50, threads: 25, sockets: 500, messagesPerSecond: 10 });

beforeEach(({ skip }) => skip(site.obstacle !== undefined, site.obstacle));
afterEach(({ task }) => site.evidenceOf(task));
afterAll(async () => {
  await uncordon();
  await crowd.disperse();
  await site.remove();
});

describe('stage 1', () => {
  installed(site);
});

describe('stage 2', () => {
  beforeAll(async () => {
    await crowd.gather();
    crowd.startLoad();
  });
  moved('stage 1 → 2', () => site.grow());
  disturbed(site, crowd);
  failedOver(site, crowd);
});

describe('stage 3', () => {
  moved('stage 2 → 3', () => site.grow());
  traced(site);
});

describe('stage 4', () => {
  // Postgres gets more connections and restarts for it: without it no pod is ready, while sessions stay.
  moved('stage 3 → 4', () => site.grow(FEW), 0);
  moved('stage 4 → 3', () => site.stepBack());
});

describe('the end', () => {
  left(site, crowd);
});

function moved(what: string, move: () => Promise<number>, gateways = 1): void {
  test(`${what}: everybody goes along`, () => during(site, crowd, what, move, gateways));
}
