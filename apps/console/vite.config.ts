import { defaultClientConditions, defineConfig } from 'vite';

/** Contracts and their schemas are declarations only: what the page does not name must not be in its bundle. */
const DECLARATIONS = /libs\/contracts\/|node_modules\/zod\//;

export default defineConfig({
  base: './',
  resolve: { conditions: ['@veche/source', ...defaultClientConditions] },
  oxc: { jsx: { importSource: 'preact' } },
  build: {
    target: 'es2022',
    // A strict content policy has no `data:` images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake: { moduleSideEffects: (id: string) => !DECLARATIONS.test(id) } },
  },
});
