import { defineConfig } from 'vitest/config';

// Tests run on sources, unbuilt: the condition selects `src` in every @veche package.
const conditions = ['@veche/source'];

const SERVERS = ['./libs/testing/src/postgres/run.setup.ts', './libs/testing/src/servers/run.setup.ts'];
const COUNT = './libs/testing/src/count.reporter.ts';
const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', COUNT],
    // Room for the slowest machine we support; a test that needs longer says so itself.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // The quick ones first; servers of the others are measured without neighbours.
          sequence: { groupOrder: 0 },
          include: ['libs/*/src/**/*.test.ts', 'libs/*/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'apps/*/src/**/*.test.{ts,tsx}'],
          exclude,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['libs/**/tests/**/*.int.ts', 'apps/*/tests/**/*.int.ts', 'tools/**/*.int.ts'],
          exclude,
          globalSetup: SERVERS,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['apps/e2e/tests/**/*.e2e.ts'],
          exclude,
          globalSetup: SERVERS,
          provide: { topology: 'standalone' },
          // Each file starts whole servers; side by side they would measure each other.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
