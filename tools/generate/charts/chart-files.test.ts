import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chartFiles } from './chart-files.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'veche-charts-'))));
afterEach(() => rmSync(root, { recursive: true }));

const SETTINGS = { type: 'object', properties: {} };
const PAGE = 'Prose.\n<!-- generated:values -->\n<!-- /generated:values -->\n';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function chart(name: string, values: string, readme?: string): void {
  write(`charts/${name}/Chart.yaml`, `name: ${name}\n`);
  write(`charts/${name}/values.yaml`, values);
  if (readme !== undefined) write(`charts/${name}/README.md`, readme);
}

test('a chart gets its schema, its table and what charts share', () => {
  chart('one', '# -- How many | how big.\nsize: 1\n# -- A.\n# @schema {"$ref": "#/$defs/part"}\na: {}\n', PAGE);
  write('charts/one/schema.defs.json', '{"part": {"type": "object", "properties": {"b": {"type": "string", "description": "B."}}}}');
  write('charts/_shared/_names.tpl', '{{- define "x" -}}{{- end -}}\n');
  const { files, problems } = chartFiles(root, SETTINGS);
  expect(problems).toEqual([]);
  expect(JSON.parse(files['charts/one/values.schema.json'] ?? '')).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    additionalProperties: false,
    $defs: { part: { additionalProperties: false } },
  });
  expect(files['charts/one/README.md']).toContain('| `size` | integer | `1` | How many \\| how big. |\n| `a` | [part](#part) |  | A. |');
  expect(files['charts/one/README.md']).toContain('### part\n\n| value | type | default | what it does |\n| --- | --- | --- | --- |\n| `b` | string |  | B. |');
  expect(files['charts/one/templates/_shared-names.tpl']?.split('\n')[0]).toBe('{{- /* Generated from charts/_shared by npm run generate. Do not edit. */ -}}');
});

test('what is wrong with one chart is said with its place, and the others go on', () => {
  chart('bad', 'size: 1\n', PAGE);
  chart('bare', '# -- S.\nsize: 1\n');
  chart('unmarked', '# -- S.\nsize: 1\n', 'Prose.\n');
  write('charts/bare/templates/_shared-old.tpl', '');
  const { files, problems } = chartFiles(root, SETTINGS);
  expect(problems).toEqual([
    'charts/bad/values.yaml: size has no description: write "# -- …" above it',
    expect.stringMatching(/^charts\/bare\/README.md: is missing/),
    expect.stringMatching(/^charts\/bare\/templates\/_shared-old.tpl: has no source/),
    expect.stringMatching(/^charts\/unmarked\/README.md: charts\/unmarked\/README.md has no markers/),
  ]);
  expect(Object.keys(files)).toEqual(['charts/bare/values.schema.json', 'charts/unmarked/values.schema.json']);
});
