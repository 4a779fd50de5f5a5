/** Starts Veche in the topology that the tests of a project are about. */
import { inject } from 'vitest';
import { startCluster } from './cluster.ts';
import { startStandalone } from './standalone.ts';
import type { Topology, Veche, VecheOptions } from './veche.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the tests of this project run against. */
    topology: Topology;
  }
}

/** Starts what the project is about; resolves when it is ready. */
export function startVeche(options: VecheOptions = {}): Promise<Veche> {
  const topology = inject('topology');
  return topology === 'standalone' ? startStandalone(options) : startCluster(topology, options);
}
