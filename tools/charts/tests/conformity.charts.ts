import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { nonconforming } from '../programs/kubeconform.ts';
import { allCases } from '../renders/cases.ts';
import { describeCharts, renderer, ROOT } from './charts.ts';

const program = inject('kubeconform');
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'veche-renders-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const WRONG =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: wrong }\nspec: { selector: {}, template: { spec: { containers: [{ name: a, imag: b }] } } }\n';
const NEVER_HEARD_OF = 'apiVersion: example.com/v1\nkind: Nothing\nmetadata: { name: nothing }\n';

describe.skipIf('problem' in program)('kubeconform', () => {
  test('finds a field that nobody knows, and a kind without a schema', async () => {
    const place = join(folder, 'wrong');
    mkdirSync(place);
    writeFileSync(join(place, 'wrong.yaml'), `${WRONG}---\n${NEVER_HEARD_OF}`);
    expect(await nonconforming(program as { file: string; schemas: string }, place)).toEqual([
      expect.stringContaining("additional properties 'imag' not allowed"),
      expect.stringContaining('could not find schema for Nothing'),
    ]);
  });
});

describe.skipIf('problem' in program)('every object is as its API wants it', () => {
  describeCharts('%s', (chart) => {
    test('in every case', { timeout: 240_000 }, async () => {
      const place = join(folder, chart.replace('/', '-'));
      mkdirSync(place);
      for (const given of allCases(ROOT, chart)) writeFileSync(join(place, `${given.name.replaceAll('/', '-')}.yaml`), (await renderer.render(given)).manifest);
      expect(await nonconforming(program as { file: string; schemas: string }, place)).toEqual([]);
    });
  });
});
