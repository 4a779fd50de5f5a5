import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from './chromium.ts';

test('finds an executable on the path, and nothing that cannot be run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'veche-bin-'));
  const file = join(folder, 'google-chrome');
  writeFileSync(file, '');
  expect(findChromium(`/nowhere:${folder}`)).toBeUndefined();
  chmodSync(file, 0o755);
  expect(findChromium(`/nowhere:${folder}`)).toBe(file);
  rmSync(folder, { recursive: true });
});
