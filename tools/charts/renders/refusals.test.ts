import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allCases, chartsOf, plainCases } from './cases.ts';
import { isSaid, refusalsOf, refusedCases } from './refusals.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veche-cases-'));
  for (const folder of ['stages', 'profiles', 'ci/refused', 'templates']) mkdirSync(join(root, 'charts/veche', folder), { recursive: true });
  for (const file of ['Chart.yaml', 'stages/stage-1.yaml', 'stages/stage-2.yaml', 'profiles/small.yaml', 'ci/odd.yaml']) write(file, '');
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (file: string, text: string): void => writeFileSync(join(root, 'charts/veche', file), text);

test('cases are the defaults, stages with and without profiles, runs of stages, and ci', () => {
  expect(chartsOf(root)).toEqual(['charts/veche']);
  expect(plainCases(root, 'charts/veche').map(({ name }) => name)).toEqual([
    'defaults',
    'stage-1',
    'stage-1 + small',
    'stage-2',
    'stage-2 + small',
    'stage-1 + stage-2',
    'odd',
  ]);
  expect(allCases(root, 'charts/veche').map(({ name }) => name)).toContain('stage-2, split, HTTPRoute');
});

test('refusals are what fails, and what is gathered where something fails', () => {
  write(
    'templates/_a.tpl',
    '{{ fail "one: set a" }}{{ $found = append $found (printf "%d pods of \\"b\\"" 1) }}{{ fail (printf "\\n- %s" (join "" $found)) }}',
  );
  write('templates/b.yaml', '{{ $other = append $other "no refusal" }}');
  const refusals = refusalsOf(root, 'charts/veche');
  expect(refusals).toEqual(['one: set a', '%d pods of \\"b\\"']);
  expect(refusals.map((each) => isSaid(each, ['error: 3 pods of "b"']))).toEqual([false, true]);
});

test('a refused case says in its first line what it is refused with', () => {
  write('ci/refused/a.yaml', '# refused: set a\na: 1\n');
  write('ci/refused/b.yaml', 'a: 1\n');
  expect(refusedCases(root, 'charts/veche').map(({ message }) => message)).toEqual(['set a', undefined]);
});
