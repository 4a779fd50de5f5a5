import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Check, Finding } from './check.ts';
import type { Repository } from './repository.ts';

interface Program {
  readonly name: string;
  /** Relative to the root; run by this Node. */
  readonly command: readonly string[];
  readonly because: string;
}

export const formatCheck = program({
  name: 'format',
  command: ['node_modules/.bin/oxfmt', '--check', '.'],
  because: 'one layout, made by a program, so that a diff shows what changed: run `npm run format`',
});

export const lintCheck = program({
  name: 'lint',
  command: ['node_modules/.bin/oxlint', '--type-aware', '--deny-warnings', '--format=unix'],
  because: 'each rule of .oxlintrc.json stands for a mistake that was made before; a line is set aside only with a reason behind --',
});

/** Packages with their references, then what no package references: tests and tools, and the page, which Vite builds without looking at types. */
export const typesCheck: Check = {
  name: 'types',
  run: async (repository) => {
    const runs = [
      ['node_modules/.bin/tsc', '-b'],
      ['node_modules/.bin/tsc', '-p', 'tsconfig.test.json'],
      ['node_modules/.bin/tsc', '-p', 'apps/console', '--noEmit'],
    ];
    const all: Finding[] = [];
    for (const command of runs)
      all.push(...(await findings(repository, { name: 'types', command, because: 'what the types say is true: tests and tools are held to it too' })));
    return { findings: all };
  },
};

export const freshCheck = program({
  name: 'generated',
  command: ['tools/generate/main.ts', '--check'],
  because: 'what two places must agree on is generated from one of them: run `npm run generate` and commit what it changes',
});

function program(given: Program): Check {
  return { name: given.name, run: async (repository) => ({ findings: await findings(repository, given) }) };
}

async function findings({ root }: Repository, { command, because }: Program): Promise<Finding[]> {
  const { code, output } = await run(root, command);
  if (code === 0) return [];
  const lines = output
    .split('\n')
    .map((line) => line.trim().replace(/ \(\d+ms\)$/, ''))
    .filter((line) => PLACE.test(line));
  if (lines.length === 0) return [{ where: command.join(' '), what: `ended with ${code}:\n${output.trim()}`, because }];
  return lines.map((line) => ({ where: line.slice(0, PLACE.exec(line)?.[0].length), what: line.slice(PLACE.exec(line)?.[0].length), because }));
}

/** `path:1:2: …`, `path(1,2): …`, or the path alone. */
const PLACE = /^[\w./@ -]+\.(json|tsx?|mjs|js|md|ya?ml|css|html)((:\d+)+|\(\d+,\d+\))?:?/;

function run(root: string, [file = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [join(root, file), ...args], { cwd: root, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, output })));
}
