/** What the API server says to every preset, with the real definitions and admission; nothing of it runs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { rendered, ROOT } from '../harness/helm.ts';
import { Namespace } from '../harness/namespace.ts';
import { imageValues } from '../harness/release-values.ts';
import { outcome, type Outcome } from '../harness/shell.ts';

const CHARTS = ['veche', 'veche-data', 'veche-observability'];
const presets = CHARTS.flatMap((chart) =>
  readdirSync(join(ROOT, 'charts', chart, 'stages'))
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => [
      { chart, files: [`stages/${file}`] },
      { chart, files: [`stages/${file}`, 'profiles/small.yaml'] },
    ]),
);

const WARNED = /would violate PodSecurity|unknown field|deprecated/;

const namespace = new Namespace('veche-admission');

beforeAll(() => namespace.create());
afterAll(() => namespace.clear());

test('there are four stages of each chart', () => {
  expect(presets).toHaveLength(CHARTS.length * 4 * 2);
});

test.each(presets)('$chart with $files is admitted as it is, and violates no policy of pods', async ({ chart, files }) => {
  const values = chart === 'veche' ? { image: imageValues(inject('image')) } : {};
  const { code, output, errors } = await dryRun(await rendered(namespace.name, chart, files, values));
  expect({ code, errors }).toMatchObject({ code: 0 });
  // The namespace warns of a pod template that would be refused later, when it is too late for the one who applied it.
  expect(errors).not.toMatch(WARNED);
  expect(output).toMatch(/serverside-applied \(server dry run\)/);
});

test('a pod template that may do as it likes is warned of', async () => {
  const template = { metadata: { labels: { app: 'careless' } }, spec: { containers: [{ name: 'careless', image: inject('image') }] } };
  const spec = { selector: { matchLabels: { app: 'careless' } }, template };
  const { errors } = await dryRun(JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'careless' }, spec }));
  expect(errors).toMatch(WARNED);
});

/** Goes through the definitions and all of admission; nothing is kept. */
const dryRun = (manifests: string): Promise<Outcome> =>
  outcome('kubectl', ['--namespace', namespace.name, 'apply', '--server-side', '--dry-run=server', '-f', '-'], { input: manifests });
