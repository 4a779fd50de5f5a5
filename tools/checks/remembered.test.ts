import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, recall, remember } from './remembered.ts';
import { Repository } from './repository.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veche-remembered-'));
  writeFileSync(join(root, 'a.ts'), 'one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the report comes back for the same files, and for no others', () => {
  const before = new Repository(root);
  expect(recall(before, digestOf(before))).toBeUndefined();
  remember(before, digestOf(before), 'ok\n');
  expect(recall(new Repository(root), digestOf(new Repository(root)))).toBe('ok\n');
  writeFileSync(join(root, 'a.ts'), 'two');
  expect(recall(new Repository(root), digestOf(new Repository(root)))).toBeUndefined();
});

test('a new file and a file of another name are a change', () => {
  const digest = digestOf(new Repository(root));
  writeFileSync(join(root, 'b.ts'), '');
  expect(digestOf(new Repository(root))).not.toBe(digest);
});
