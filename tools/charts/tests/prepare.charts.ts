import { describe, expect, inject, test } from 'vitest';
import { type KubeObject, nameOf } from '../renders/objects.ts';
import type { Values } from '../renders/merged.ts';
import { renderer } from './charts.ts';

const STAGE = 'stages/stage-1.yaml';

async function objects(values: Values): Promise<ReadonlyMap<string, KubeObject>> {
  const { error, objects: all } = await renderer.render({ chart: 'charts/veche', name: 'prepared', files: [STAGE], values });
  expect(error).toBeUndefined();
  return new Map(all().map((object) => [nameOf(object), object]));
}

describe.skipIf('problem' in inject('helm'))('preparing the next topology', () => {
  test('leaves pods, settings and routes of this one as they are, so that no client notices', async () => {
    const route = { gateway: { enabled: true, parentRefs: [{ name: 'public' }] } };
    const [before, prepared] = await Promise.all([objects({ route }), objects({ route, prepare: 'split', rabbitmq: { hosts: ['veche-data-rabbitmq'] } })]);
    for (const kept of ['Deployment veche-standalone', 'ConfigMap veche-standalone', 'HTTPRoute veche']) {
      expect(before.get(kept), kept).toBeDefined();
      expect(prepared.get(kept), kept).toEqual(before.get(kept));
    }
    for (const service of ['api', 'websocket', 'sse', 'auth', 'chat', 'notification']) expect(prepared.has(`Deployment veche-${service}`), service).toBe(true);
  });
});
