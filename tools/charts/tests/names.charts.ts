import { describe, expect, inject, test } from 'vitest';
import { hostsIn, secretsIn, secretsUsedIn, servicesIn } from '../renders/names.ts';
import type { Render } from '../renders/renderer.ts';
import { renderer } from './charts.ts';

const STAGES = [1, 2, 3, 4] as const;
/** The only ones that people make, as docs/operations.md tells them to. */
const BY_HAND = ['veche-data-rabbitmq'];

const rendered = (chart: string, stage: number): Promise<Render> => renderer.render({ chart, name: `stage-${stage}`, files: [`stages/stage-${stage}.yaml`] });

describe.skipIf('problem' in inject('helm'))('the presets find each other', () => {
  test.each(STAGES)('in stage %i', async (stage) => {
    const [veche, ...others] = await Promise.all(['charts/veche', 'charts/veche-data', 'charts/veche-observability'].map((chart) => rendered(chart, stage)));
    const made = others.flatMap((each) => each.objects());
    const hosts = [...hostsIn(veche!.manifest)];
    expect(hosts).toContain('veche-data-postgres-rw');
    expect(hosts.filter((host) => !servicesIn(made).has(host))).toEqual([]);
    const secrets = [...secretsUsedIn(veche!.manifest)];
    expect(secrets).toContain('veche-data-postgres-app');
    expect(secrets.filter((secret) => !secretsIn(made).has(secret) && !BY_HAND.includes(secret))).toEqual([]);
  });
});
