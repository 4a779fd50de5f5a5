import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { knownMetrics } from './known.ts';
import { commandsOf, metricsIn, settingsIn } from './runbooks.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const PAGES = globSync('docs/runbooks/*.md', { cwd: ROOT }).toSorted();
const KNOWN = [...knownMetrics(read('docs/metrics.md')).keys()];
const SETTINGS = read('docs/configuration.md');
const CLI = read('apps/cli/README.md');

test('a metric, whole or by its beginning, is found in text and in the patterns of grep', () => {
  expect(metricsIn("`veche_a_total` and grep -E '^veche_(b_(c|d)_total|e)|^ws_reconnect_attempts'")).toEqual([
    'veche_a_total',
    'veche_b_c_total',
    'veche_b_d_total',
    'veche_e',
  ]);
  expect(settingsIn('lower `PG_POOL_SIZE`, see OOMKilled and `{"level":50}`')).toEqual(['PG_POOL_SIZE']);
});

test.each(PAGES)('%s names metrics, settings and commands that there are', (page) => {
  const text = read(page);
  expect(metricsIn(text).filter((name) => !KNOWN.some((known) => known.startsWith(name)))).toEqual([]);
  expect(settingsIn(text).filter((name) => !SETTINGS.includes(`| \`${name}\` |`))).toEqual([]);
  expect(commandsOf(text).filter((command) => !CLI.includes(`veche ${command}`))).toEqual([]);
});
