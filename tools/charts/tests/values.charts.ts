import { expect, test } from 'vitest';
import { plainCases, valuesIn } from '../renders/cases.ts';
import type { Values } from '../renders/merged.ts';
import { merged } from '../renders/merged.ts';
import { type Base, idleValues } from '../values/matters.ts';
import { closedMaps, UNKNOWN, withUnknowns } from '../values/unknown.ts';
import { describeCharts, renderer, ROOT, schemaOf } from './charts.ts';

/** Stages with profiles are no bases: they say nothing that one of them alone does not. */
async function basesOf(chart: string): Promise<readonly Base[]> {
  const defaults = valuesIn(ROOT, chart, 'values.yaml');
  const bases = plainCases(ROOT, chart).filter(({ files }) => files.length < 2);
  const rendered = await Promise.all(
    bases.map(async (given) => {
      const own = given.files.reduce<Values>((all, file) => merged(all, valuesIn(ROOT, chart, file)), {});
      return (await renderer.render(given)).error === undefined ? [{ given, own, values: merged(defaults, own) }] : [];
    }),
  );
  return rendered.flat();
}

describeCharts('%s', (chart) => {
  test('every value changes a render', { timeout: 300_000 }, async () => {
    const idle = await idleValues(schemaOf(chart), await basesOf(chart), (given) => renderer.render(given));
    process.stderr.write(`veche: ${renderer.rendered} renders so far\n`);
    expect(idle).toEqual([]);
  });

  test('an unknown value is refused at every level, with its place', async () => {
    const schema = schemaOf(chart);
    const { error = '' } = await renderer.render({ chart, name: 'unknown values', files: [], values: withUnknowns(schema) });
    expect(closedMaps(schema).filter((place) => !error.includes(`at '${place}': additional properties '${UNKNOWN}' not allowed`))).toEqual([]);
  });
});
