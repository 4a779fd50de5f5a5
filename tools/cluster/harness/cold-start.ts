/** How long processes take from their start to readiness. */
import type { Namespace } from './namespace.ts';
import { servingPods } from './pods.ts';

/** Milliseconds, by the processes' own word: the quickest pod of a service, whose neighbours left it some of the machine. */
export async function coldStartMs(namespace: Namespace, service: string): Promise<number> {
  const logs = await Promise.all((await servingPods(namespace, service)).map((pod) => namespace.kubectl(['logs', pod, '--container', service])));
  const lines = logs.map((log) => log.split('\n').find((line) => line.includes('"msg":"ready"')) ?? '{}');
  return Math.min(...lines.map((line) => (JSON.parse(line) as { after_ms?: number }).after_ms ?? Infinity));
}
