/** Nodes, for the one thing that a test does to them. */
import type { Namespace } from './namespace.ts';
import { podsOf, selectorOf } from './pods.ts';
import { outcome, run } from './shell.ts';

const drained = new Set<string>();

/**
 * Drains the nodes of a service's pods, of these pods alone.
 * @returns what kubectl said, also when it gave up after the time
 */
export async function drainPods(namespace: Namespace, service: string, timeoutS: number): Promise<string> {
  const nodes = new Set((await podsOf(namespace, service)).map(({ spec }) => spec?.nodeName ?? ''));
  for (const node of nodes) drained.add(node);
  const flags = [`--pod-selector=${selectorOf(service)}`, '--delete-emptydir-data', '--ignore-daemonsets', `--timeout=${timeoutS}s`];
  const { output, errors } = await outcome('kubectl', ['drain', ...nodes, ...flags]);
  return output + errors;
}

/** Every node that was drained takes pods again; without one, nothing. */
export async function uncordon(): Promise<void> {
  for (const node of drained) await run('kubectl', ['uncordon', node]);
  drained.clear();
}
