import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Section } from '@veche/platform-config';

/** Every section of settings that a lib exports, by the app that lists them all; a setting nobody can set is not documented. */
export async function allSections(root: string): Promise<readonly Section[]> {
  const app = join(root, 'apps/standalone/package.json');
  const { dependencies } = JSON.parse(readFileSync(app, 'utf8')) as { dependencies: Record<string, string> };
  const names = Object.keys(dependencies).filter((name) => name.startsWith('@veche/'));
  const require = createRequire(app);
  const modules = await Promise.all(names.map((name) => import(pathToFileURL(require.resolve(name)).href) as Promise<Record<string, unknown>>));
  const sections = new Set(modules.flatMap((module) => Object.values(module).filter(isSection)));
  return [...sections].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && 'settings' in value && 'conflicts' in value && 'token' in value && typeof value.token === 'symbol';
