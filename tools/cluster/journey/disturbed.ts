/** What happens to pods on an ordinary day: some pod always takes new sessions. */
import { eventually } from '@veche/testing';
import { expect, inject, test } from 'vitest';
import type { Crowd } from '../harness/crowd.ts';
import { during } from '../harness/during.ts';
import { drainPods, uncordon } from '../harness/node.ts';
import { fullest, type Pod, servingPods, settled } from '../harness/pods.ts';
import type { Site } from '../harness/site.ts';
import { StandInPrometheus } from '../harness/stand-in-prometheus.ts';

/** Few and soon: what is shown is who goes and what it costs, not how long a quiet quarter of an hour is. */
const autoscaling = { enabled: true, by: 'hpa', customMetrics: false, minReplicas: 2, maxReplicas: 3, cpuPercent: 50, memoryPercent: 100, downSeconds: 15 };

export function disturbed(site: Site, crowd: Crowd): void {
  const { namespace } = site;

  test('a restart of everything leaves gateways that serve', async () => {
    await during(site, crowd, 'rollout restart', async () => {
      await namespace.kubectl(['rollout', 'restart', 'deployment', '--selector=app.kubernetes.io/name=veche']);
      await site.follow('Upgrade to a new version');
      await settled(namespace, 'websocket', 2);
    });
  });

  test('a drain of the gateways’ node takes one at a time, as the budget says', async ({ onTestFinished }) => {
    onTestFinished(uncordon);
    await during(site, crowd, 'drain', async () => {
      // There is no other node for the successor: the second gateway must be refused until it stands.
      expect(await drainPods(namespace, 'websocket', 20)).toMatch(/violate the pod's disruption budget/);
      await uncordon();
      await settled(namespace, 'websocket', 2);
    });
  });

  test.each(['websocket', 'chat'])('a deleted pod of %s has drained before it would be killed', async (service) => {
    await during(site, crowd, `deleted ${service}`, async () => {
      const pod = await fullest(namespace, service);
      const { spec } = await namespace.get<Pod>(`pod/${pod}`);
      const started = performance.now();
      // kubectl waits until it is gone.
      await namespace.kubectl(['delete', 'pod', pod]);
      expect(performance.now() - started).toBeLessThan(1000 * (spec?.terminationGracePeriodSeconds ?? 0));
      await settled(namespace, service, 2);
    });
  });

  test('owners are added when commands wait too long, by KEDA', async () => {
    const prometheus = await StandInPrometheus.start(namespace, inject('image'));
    await during(site, crowd, 'scale on queue age', async () => {
      const chat = { autoscaling: { ...autoscaling, by: 'keda', cpuPercent: 100, queueAgeSeconds: 2, prometheus: prometheus.address } };
      await site.change({ services: { chat } });
      await namespace.until('Ready', 'scaledobjects.keda.sh/veche-chat', 60);
      expect(await servingPods(namespace, 'chat')).toHaveLength(2);
      await prometheus.answer(10);
      await settled(namespace, 'chat', 3, 120_000);
    });
  });

  test('gateways are added under load and taken away one by one', async () => {
    await during(site, crowd, 'scale-out and scale-in', async () => {
      await site.change({ services: { websocket: { autoscaling } } });
      await eventually(async () => (await servingPods(namespace, 'websocket')).length === 3, { timeoutMs: 240_000, what: 'a third gateway serves' });
      await crowd.rest();
      await settled(namespace, 'websocket', 2, 420_000);
    });
    crowd.startLoad();
    await site.change({});
  });
}
