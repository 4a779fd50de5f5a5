import { expect, test } from 'vitest';
import { linesUnder } from './pages.ts';

test('the commands of a section are those of its own blocks', () => {
  expect(linesUnder('docs/operations.md', 'Roll back')).toMatch(/^helm rollback veche .*\n$/);
});

test('a heading without commands is not passed over', () => {
  expect(() => linesUnder('docs/operations.md', 'Size')).toThrow('docs/operations.md has no commands under a heading "Size"');
  expect(() => linesUnder('docs/operations.md', 'Install nothing')).toThrow('no commands');
});

// The cluster tests follow the page; what the README shows of it is shown by them too.
test('the README installs with lines of the page', () => {
  const page = new Set(linesUnder('docs/operations.md', 'Install').split('\n'));
  expect(
    linesUnder('README.md', 'On Kubernetes')
      .split('\n')
      .filter((line) => !page.has(line)),
  ).toEqual([]);
});
