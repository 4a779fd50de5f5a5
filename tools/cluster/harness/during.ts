import { expect } from 'vitest';
import type { Crowd } from './crowd.ts';
import { servingPods } from './pods.ts';
import type { Site } from './site.ts';
import { Watch } from './watch.ts';

/** A window spreads them over 15 s; pods that cut everybody off at once would bring back all of one half within a second. */
const MOST_AT_ONCE = 0.5;

/**
 * Does something to a site with a crowd, waits until everybody is connected again, and prints what it cost them: no crowd may come back at once.
 * @param gateways that must have served all the while
 */
export async function during(site: Site, crowd: Crowd, what: string, act: () => Promise<unknown>, gateways = 1): Promise<void> {
  crowd.reconnects.reset();
  const started = performance.now();
  const watch = Watch.start(async () => (await servingPods(site.namespace, 'standalone', 'websocket')).length);
  await act();
  await crowd.complete();
  const fewest = await watch.end();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${what}: ${seconds} s, ${crowd.reconnects.summary}, never fewer than ${fewest} gateways, ${crowd.answered} messages answered so far`);
  expect(fewest, 'gateways that serve').toBeGreaterThanOrEqual(gateways);
  expect(crowd.reconnects.peakPerSecond, 'reconnects in a second').toBeLessThan(MOST_AT_ONCE * crowd.size.sockets);
}
