import { expect, test } from 'vitest';
import { isSaid, refusalsOf, refusedCases } from '../renders/refusals.ts';
import { describeCharts, findingsIn, renderer, ROOT } from './charts.ts';

describeCharts('%s', (chart) => {
  const cases = refusedCases(ROOT, chart);

  test('what is in ci/refused is refused, with the sentence in its first line', { timeout: 120_000 }, async () => {
    const wrong = await findingsIn(cases, async (given) => {
      const message = cases.find(({ name }) => name === given.name)?.message;
      if (message === undefined) return ['its first line is not "# refused: …"'];
      const { error } = await renderer.render(given);
      return error?.includes(message) ? [] : [error ?? 'it renders'];
    });
    expect(wrong).toEqual({});
  });

  test('everything that the templates refuse has a case there', { timeout: 120_000 }, async () => {
    const errors = await Promise.all(cases.map(async (given) => (await renderer.render(given)).error ?? ''));
    expect(refusalsOf(ROOT, chart).filter((message) => !isSaid(message, errors))).toEqual([]);
  });
});
