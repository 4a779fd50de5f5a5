// Behind `npm run generate [-- --check]`: writes what docs say twice from the code that says it first.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chartFiles } from './charts/chart-files.ts';
import { settingsDefinition } from './charts/definitions.ts';
import { configurationPage } from './configuration.ts';
import { metricsPage } from './metrics.ts';
import { composeNginx } from './nginx.ts';
import { observabilityFiles } from '../observability/generated.ts';
import { openApiFile } from './openapi.ts';
import { protocolTables } from './protocol.ts';
import { allSections } from './sections.ts';
import { fill } from './tables.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const read = (path: string): string => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '');

const sections = await allSections(ROOT);
const metrics = await metricsPage(ROOT);
const charts = chartFiles(ROOT, settingsDefinition(sections));

const files: Readonly<Record<string, string>> = {
  'docs/configuration.md': configurationPage(sections),
  'docs/protocol.md': fill(read('docs/protocol.md'), protocolTables()),
  'docs/metrics.md': metrics,
  'docs/openapi.json': await openApiFile(),
  'compose/nginx.conf': composeNginx(),
  ...charts.files,
  ...observabilityFiles(metrics),
};

const stale = Object.entries(files).filter(([path, text]) => read(path) !== text);
for (const [path, text] of stale) {
  // The place first: `npm run check` reads it from there.
  process.stdout.write(`${path}: ${values.check ? 'differs from what the code says' : 'written'}\n`);
  if (values.check) continue;
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}
for (const problem of charts.problems) process.stdout.write(`${problem}\n`);
process.exitCode = charts.problems.length > 0 || (values.check && stale.length > 0) ? 1 : 0;
