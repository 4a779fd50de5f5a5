import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { applicationOf } from './application.ts';

it('is named after the package that its first file stands in', () => {
  expect(applicationOf(fileURLToPath(import.meta.url))).toMatchObject({ name: 'veche-platform-telemetry' });
});

it('is simply veche where no package says more', () => {
  expect(applicationOf('/nowhere/at/all.js')).toEqual({ name: 'veche', version: '0.0.0' });
  expect(applicationOf(undefined)).toEqual({ name: 'veche', version: '0.0.0' });
});
