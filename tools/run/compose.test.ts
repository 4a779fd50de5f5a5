import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from '@veche/platform-config';
import { expect, test } from 'vitest';
import { composeNginx } from '../generate/nginx.ts';
import { allSections } from '../generate/sections.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Those that are deployed each by itself. */
const APPS = readdirSync(join(ROOT, 'apps')).filter((name) => !['console', 'e2e', 'standalone', 'cli'].includes(name));

test('compose.yaml runs every edge and service, and the migrations', () => {
  const commands = [...text('compose.yaml').matchAll(/command: \[apps\/(\w+)\/dist\/main\.js\]/g)].map(([, app]) => app);
  expect(commands.toSorted()).toEqual(APPS.toSorted());
});

test('the image has the packages of every app that is deployed', () => {
  const [, installed = ''] = /^ARG APP="([\w ]+)"$/m.exec(text('Dockerfile')) ?? [];
  expect(installed.split(' ').toSorted()).toEqual([...APPS, 'standalone', 'cli'].toSorted());
});

test('compose.yaml sets nothing that is not a setting', async () => {
  const known = new Set(describeSettings(await allSections(ROOT)).map(({ name }) => name));
  const settings = text('compose.yaml').split('&settings')[1]?.split('healthcheck:')[0] ?? '';
  const used = [...settings.matchAll(/^ {4}([A-Z]+_[A-Z_]+):/gm)].map(([, name = '']) => name);
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test('nginx of compose.yaml routes as the tests do', () => {
  expect(text('compose/nginx.conf')).toBe(composeNginx());
});
