import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DocExample, examplesOf, mismatch } from '../src/doc-examples.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

const KEY = 'a-secret-of-16-or-more';
const NAMESPACES = '[{"name":"news","history_size":100,"history_ttl":"24h","presence":true,"subscribe":"anyone","read_history":"anyone"}]';
/** Between the outputs of two examples. */
const MARK = '=====example=====';

let server: Veche;
beforeAll(async () => {
  server = await startVeche({ env: { AUTH_API_KEYS: `billing:${KEY}`, CHANNELS_NAMESPACES: NAMESPACES, HTTP_REQUESTS_PER_MINUTE: '1000' } });
});
afterAll(() => server?.stop());

/** All examples of a page in one shell, as a reader pastes them one after another; the output of each. */
async function outputs(examples: readonly DocExample[]): Promise<readonly string[]> {
  const script = ['set -euo pipefail', 'set -a', ...examples.flatMap(({ commands }) => [commands, `printf '\\n${MARK}\\n'`])].join('\n');
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  const shell = spawn('bash', ['-s'], { env: { PATH: path, HOME: '/nowhere', VECHE: server.origin, KEY } });
  let output = '';
  let words = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  shell.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  shell.stdin.end(script);
  const code = await new Promise((resolve) => shell.once('close', resolve));
  const parts = output.split(`\n${MARK}\n`).slice(0, -1);
  if (code !== 0) throw new Error(`the example of line ${examples[parts.length]?.line} ended with ${String(code)}: ${words}\n${output.slice(-2_000)}`);
  return parts;
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

// Without curl (it is not needed to run or to test anything else) there is nothing that could run the pages.
describe.skipIf(!hasCurl).each(['http-api', 'doors'])('docs/%s.md', (page) => {
  test('every example runs as it stands and prints what the page shows', async () => {
    const examples = examplesOf(readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'));
    expect(examples.length).toBeGreaterThan(5);
    const printed = await outputs(examples);
    const wrong = examples.flatMap((example, index) => {
      const why = mismatch(example, printed[index] ?? '');
      return why ? [`${page}.md:${example.line}: ${why}\n${printed[index]?.slice(-1_500)}`] : [];
    });
    expect(wrong).toEqual([]);
  });
});
