import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import type { Topology } from './apps/e2e/src/veche.ts';

// Tests run on sources, unbuilt: the condition selects `src` in every @veche package.
const conditions = ['@veche/source'];

const SERVERS = ['./libs/testing/src/postgres/run.setup.ts', './libs/testing/src/servers/run.setup.ts'];
const COUNT = './libs/testing/src/count.reporter.ts';
const exclude = ['**/node_modules/**', '**/dist/**'];

/** About one process, or about a command that starts them: the same whatever the topology. */
const ONCE = ['apps/e2e/tests/{drain,process,start,start-distributed}.e2e.ts'];

/** The system tests on one topology. @param maxWorkers 1 where one file's processes are enough for two cores: side by side they would measure each other */
function e2e(name: string, topology: Topology, groupOrder: number, maxWorkers: number): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      sequence: { groupOrder },
      include: ['apps/e2e/tests/**/*.e2e.ts'],
      exclude: topology === 'standalone' ? exclude : [...exclude, ...ONCE],
      globalSetup: SERVERS,
      provide: { topology },
      maxWorkers,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  };
}

/** Fault runs against constellations with servers of their own. */
function chaos(name: string, include: string[], plantedBugs: 'all' | 'some'): TestProjectInlineConfiguration {
  return { extends: true, test: { name, sequence: { groupOrder: 6 }, include, exclude, provide: { plantedBugs }, fileParallelism: false } };
}

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
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['libs/**/tests/**/*.int.ts', 'apps/*/tests/**/*.int.ts', 'tools/**/*.int.ts'],
          exclude,
          // Half of their time they wait for a server to come, to fail or to give up.
          maxWorkers: 2,
          globalSetup: SERVERS,
        },
      },
      {
        extends: true,
        test: {
          name: 'charts',
          sequence: { groupOrder: 8 },
          include: ['tools/charts/tests/**/*.charts.ts'],
          exclude,
          globalSetup: './tools/charts/run.setup.ts',
          // One process for all of them: what one file has rendered, the next need not.
          isolate: false,
          fileParallelism: false,
        },
      },
      // A third of their time they wait.
      e2e('e2e', 'standalone', 2, 2),
      e2e('e2e-redis', 'redis', 2, 2),
      e2e('e2e-postgres', 'postgres', 2, 2),
      e2e('e2e-distributed', 'distributed', 3, 1),
      chaos('chaos', ['apps/e2e/tests/**/*.chaos.ts'], 'some'),
      // Every planted bug, some ten minutes: `npm test -- --project planted`.
      chaos('planted', ['apps/e2e/tests/planted.chaos.ts'], 'all'),
      {
        extends: true,
        test: {
          name: 'cluster',
          sequence: { groupOrder: 7 },
          include: ['tools/cluster/tests/**/*.cluster.ts'],
          exclude,
          globalSetup: './tools/cluster/run.setup.ts',
          fileParallelism: false,
          // Pods drain before they go; a test with several rollouts says itself how long it takes.
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
