import { globSync, readFileSync } from 'node:fs';
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
  checkAllExported(root, new Set([...sections].map(({ name }) => name)));
  return [...sections].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && 'settings' in value && 'conflicts' in value && 'token' in value && typeof value.token === 'symbol';

/** A section that its package does not export would be missing on the page without a word. */
function checkAllExported(root: string, known: ReadonlySet<string>): void {
  for (const file of globSync('libs/**/src/**/*.config.ts', { cwd: root })) {
    const names = [...readFileSync(join(root, file), 'utf8').matchAll(/\bsection\(\s*'([^']+)'/g)].map(([, name = '']) => name);
    for (const name of names)
      if (!known.has(name))
        throw new Error(
          `${file}: the section '${name}' is not exported by its package, or the package is not in apps/standalone: its settings would not be documented`,
        );
  }
}
