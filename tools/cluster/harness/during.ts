import type { Crowd } from './crowd.ts';
import { servingPods } from './pods.ts';
import type { Site } from './site.ts';
import { Watch } from './watch.ts';

/** Does something to a site with a crowd, waits until everybody is connected again, and prints what it cost them. @returns fewest gateways that served meanwhile */
export async function during(site: Site, crowd: Crowd, what: string, act: () => Promise<unknown>): Promise<number> {
  crowd.reconnects.reset();
  const started = performance.now();
  const watch = Watch.start(async () => (await servingPods(site.namespace, 'standalone', 'websocket')).length);
  await act();
  await crowd.complete();
  const fewest = await watch.end();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${what}: ${seconds} s, ${crowd.reconnects.summary}, never fewer than ${fewest} gateways, ${crowd.answered} messages answered so far`);
  return fewest;
}
