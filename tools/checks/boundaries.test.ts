import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findingsIn } from './boundaries.check.ts';
import { BOUNDARIES } from './boundaries.ts';
import { readSource } from './source.ts';

const broken = (path: string, text: string): string[] => findingsIn(readSource(path, text)).map(({ because }) => because);

test.each(BOUNDARIES)('a planted violation of "$name" is found and explained', ({ because, planted }) => {
  expect(broken(planted.path, planted.text)).toContain(because);
});

test('each row has a name of its own and a sentence that says why', () => {
  expect(new Set(BOUNDARIES.map(({ name }) => name)).size).toBe(BOUNDARIES.length);
  for (const { because } of BOUNDARIES) expect(because.length).toBeGreaterThan(50);
});

test('the program fails on the planted files and prints path, line and sentence', () => {
  const root = mkdtempSync(join(tmpdir(), 'veche-planted-'));
  for (const { planted } of BOUNDARIES) {
    mkdirSync(dirname(join(root, planted.path)), { recursive: true });
    writeFileSync(join(root, planted.path), `${planted.text}\n`, { flag: 'a' });
  }
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--root', root, '--only', 'boundaries'], { encoding: 'utf8' });
  rmSync(root, { recursive: true });
  expect(run.status).toBe(1);
  for (const { planted, because } of BOUNDARIES) {
    expect(run.stdout).toContain(because);
    expect(run.stdout).toMatch(new RegExp(`${planted.path.replaceAll('.', '\\.')}:\\d+`));
  }
});

test.each([
  ['libs/edge/http/src/a.ts', "import { z } from 'zod';\nimport { EventLog } from '@veche/event-log';\nimport './b.ts';"],
  ['libs/domain/chat/src/a.handler.ts', "import { Verdict } from '@veche/event-log';\nimport { decide } from './a.rules.ts';"],
  ['libs/domain/chat/src/a.ts', '// process.env and process.exit are read elsewhere\nexport const text = "process.env";'],
  ['libs/domain/chat/src/a.test.ts', "import { createDatabase } from '@veche/testing';\nconst kind = 'chat.send-message.v1';"],
  ['libs/edge/sse/tests/sse.int.ts', "import { doorConformance } from '../../realtime/tests/door.conformance.ts';"],
  ['libs/contracts/src/a.ts', "export const kind = 'chat.send-message.v1';\nexport const processor = 1;"],
  ['apps/standalone/src/main.ts', "import { run } from '@veche/platform-runtime';"],
  ['libs/platform/config/src/a.ts', 'export const read = () => process.env;'],
])('what is right in %s is left alone', (path, text) => {
  expect(broken(path, text)).toEqual([]);
});

test('a row is set aside with its name and a reason, and not without', () => {
  const line = "import { Pool } from 'pg';";
  expect(broken('libs/domain/chat/src/a.ts', `// allowed: pg: the migration test needs a second server\n${line}`)).toEqual([]);
  expect(broken('libs/domain/chat/src/a.ts', `// allowed: pg: \n${line}`)).toHaveLength(1);
  expect(broken('libs/domain/chat/src/a.ts', `// allowed: amqp: the wrong row is named here\n${line}`)).toHaveLength(1);
});

test('the repository itself has git’s ignored folders left out', () => {
  const ignored = execFileSync('cat', [join(import.meta.dirname, '../../.gitignore')], { encoding: 'utf8' });
  for (const name of ['node_modules/', 'dist/', '.nx/', '/data/', '/test-output/', '/bench-output/', 'coverage/']) expect(ignored).toContain(name);
});
