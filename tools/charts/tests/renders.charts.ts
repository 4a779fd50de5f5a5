import { expect, test } from 'vitest';
import { careless, duplicates } from '../policy/careful.ts';
import { type Pod, podOf } from '../policy/pods.ts';
import { notRestricted } from '../policy/restricted.ts';
import { allCases, type Case, plainCases } from '../renders/cases.ts';
import { describeCharts, findingsIn, renderer, ROOT } from './charts.ts';

const podsIn = async (given: Case): Promise<readonly Pod[]> => {
  const { objects } = await renderer.render(given);
  return objects().flatMap((object) => podOf(object) ?? []);
};

describeCharts('%s', (chart) => {
  const all = allCases(ROOT, chart);

  test('every stage, every run of stages, every file of ci and their products render', { timeout: 240_000 }, async () => {
    expect(all.some(({ files }) => files.length > 0)).toBe(true);
    expect(await findingsIn(all, async (given) => [(await renderer.render(given)).error])).toEqual({});
  });

  test('helm lint --strict finds nothing', { timeout: 240_000 }, async () => {
    const plain = plainCases(ROOT, chart).filter(({ files }) => files.length < 2);
    expect(await findingsIn(plain, async (given) => [await renderer.lint(given)])).toEqual({});
  });

  test('two renders of the same values are equal', { timeout: 240_000 }, async () => {
    const differs = async (given: Case): Promise<string[]> => {
      const [once, again] = await Promise.all([renderer.render(given), renderer.renderAnew(given)]);
      return once.text === again.text ? [] : ['the second render differs'];
    };
    expect(await findingsIn(plainCases(ROOT, chart), differs)).toEqual({});
  });

  test('no object, container, variable, port, volume or mount is there twice', async () => {
    expect(await findingsIn(all, async (given) => duplicates((await renderer.render(given)).objects(), await podsIn(given)))).toEqual({});
  });

  test('every pod passes Pod Security restricted, with a read-only root and without a token', async () => {
    expect(await findingsIn(all, async (given) => (await podsIn(given)).flatMap(notRestricted))).toEqual({});
  });

  test('every container has requests, its limit of memory is its request, and its probes ask different things', async () => {
    expect(await findingsIn(all, async (given) => (await podsIn(given)).flatMap(careless))).toEqual({});
  });
});
