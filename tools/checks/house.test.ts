import { expect, test } from 'vitest';
import { cyclesCheck } from './cycles.check.ts';
import type { Check } from './check.ts';
import { hostsCheck } from './hosts.check.ts';
import { linksCheck } from './links.check.ts';
import { packagesCheck } from './packages.check.ts';
import { Repository } from './repository.ts';
import { quantile, sizesCheck } from './sizes.check.ts';
import { readSource } from './source.ts';

/** What a check finds in a checkout made of these files. */
async function found(check: Check, texts: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings } = await check.run(new Repository('/nowhere', Object.keys(texts), texts));
  return findings.map(({ where, what }) => `${where} ${what}`);
}

const manifest = (name: string, dependencies: Record<string, string> = {}) => JSON.stringify({ name, dependencies });
const root = { 'package.json': '{}', 'tsconfig.json': '{"references":[]}' };

test('files that import each other in a circle are found, types too', async () => {
  const texts = {
    'libs/a/src/x.ts': "import './y.ts';",
    'libs/a/src/y.ts': "import type { Z } from './z.ts';",
    'libs/a/src/z.ts': "export * from './x.ts';",
    'libs/a/src/w.ts': "import './x.ts';",
  };
  expect(await found(cyclesCheck, texts)).toEqual(['libs/a/src/x.ts imports itself: x.ts → y.ts → z.ts → x.ts']);
});

test('an import that is not declared and a declaration that is not imported are found', async () => {
  const texts = {
    ...root,
    'libs/a/package.json': manifest('@veche/a', { zod: '4.6.7' }),
    'libs/a/src/index.ts': "import 'jose';",
    'libs/a/src/index.test.ts': "import 'vitest';",
  };
  expect(await found(packagesCheck, texts)).toEqual([
    'libs/a/package.json does not declare jose, which is imported',
    'libs/a/package.json declares zod, which is not imported',
  ]);
});

test('two versions of one third party and a version that is not pinned are found', async () => {
  const texts = {
    ...root,
    'libs/a/package.json': manifest('@veche/a', { zod: '4.6.7' }),
    'libs/a/src/index.ts': "import 'zod';",
    'libs/b/package.json': manifest('@veche/b', { zod: '^4.6.7' }),
    'libs/b/src/index.ts': "import 'zod';",
  };
  expect(await found(packagesCheck, texts)).toEqual(['libs/b/package.json zod ^4.6.7 is not pinned']);
});

test('a host of a registry is found wherever it is named', async () => {
  const host = ['registry', 'example', 'org'].join('.');
  expect(await found(hostsCheck, { 'docs/a.md': `one\nget it from https://${host}/x` })).toEqual([`docs/a.md:2 names the host ${host}`]);
  expect(await found(hostsCheck, { 'docs/a.md': 'run npm config get registry; the npm client; npm.test' })).toEqual([]);
});

test('a link that leads nowhere is found; folders, anchors and other sites are not', async () => {
  const texts = {
    'docs/a.md': 'see [b](b.md#part), [c](../libs/c), [gone](gone.md), [site](https://example.org), [here](#here)',
    'docs/b.md': '',
    'libs/c/src/index.ts': '',
  };
  expect(await found(linksCheck, texts)).toEqual(['docs/a.md:1 links to gone.md, which is not there']);
});

const lines = (count: number): string => 'void 0;\n'.repeat(count);

test('a file above the ceiling is found unless it says why', async () => {
  expect(await found(sizesCheck, { 'libs/a/src/x.ts': lines(351) })).toContain('libs/a/src/x.ts:1 file: 351 lines of a file, ceiling 350');
  expect((await found(sizesCheck, { 'libs/a/src/x.ts': `// allowed: size: one table of codes\n${lines(350)}` })).join()).not.toContain('ceiling');
});

test('a function above the ceiling is found; what is written inside it does not count', async () => {
  expect((await found(sizesCheck, { 'libs/a/src/x.ts': `function big() {\n${lines(80)}}` })).join()).toContain(
    'libs/a/src/x.ts:1 big: 82 lines of a function, ceiling 80',
  );
  expect((await found(sizesCheck, { 'libs/a/src/x.ts': `function outer() {\n  const inner = () => {\n${lines(78)}  };\n}` })).join()).not.toContain('ceiling');
});

test('more than four injected dependencies need a reason, more than six have none', async () => {
  const injected = (count: number, reason = ''): string =>
    `@Injectable()\nclass A {\n  ${reason}\n  constructor(${Array.from({ length: count }, (_, index) => `a${index}: B`).join(', ')}) {}\n}`;
  const ask = async (text: string) => (await found(sizesCheck, { 'libs/a/src/x.ts': text })).join();
  expect(await ask(injected(4))).not.toContain('injected');
  expect(await ask(injected(5))).toContain('constructor of A: 5 injected dependencies, ceiling 4');
  expect(await ask(injected(6, '// allowed: size: joins what each door needs'))).not.toContain('injected');
  expect(await ask(injected(7, '// allowed: size: joins what each door needs'))).toContain('7 injected dependencies');
});

test('a whole that drifts over its target is found', async () => {
  const texts = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`libs/a/src/f${index}.ts`, lines(61)]));
  expect(await found(sizesCheck, texts)).toContain('the whole median of lines of a file is 61, target 60');
  expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(10);
});

test('comments, strings and code are told apart', () => {
  const source = readSource(
    'a.ts',
    ['/** Why. */', "const a = 'process.env'; // process.env", 'const b = `x ${process.env} y`;', 'const c = /process.env/;'].join('\n'),
  );
  expect(source.code.map((line) => line.includes('process.env'))).toEqual([false, false, true, false]);
  expect(source.commentLines).toBe(1);
  expect(source.strings.map(({ text }) => text)).toEqual(['process.env']);
});

test('every way to import is seen', () => {
  const { imports } = readSource(
    'a.ts',
    [
      "import a from 'a';",
      "import type { B } from 'b';",
      "export * from 'c';",
      "const d = await import('d');",
      "type E = import('e').E;",
      "import { type F } from 'f';",
    ].join('\n'),
  );
  expect(imports.map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
    ['a', false],
    ['b', true],
    ['c', false],
    ['d', false],
    ['e', true],
    ['f', true],
  ]);
});
