/** Pods of a release by what they are for. */
import { eventually } from '@veche/testing';
import type { Namespace, Resource } from './namespace.ts';

export type Pod = Resource<
  { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number },
  { readonly phase: string; readonly podIP?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
>;

export const selectorOf = (...services: readonly string[]): string => `app.kubernetes.io/name=veche,app.kubernetes.io/component in (${services.join(',')})`;

export const podsOf = (namespace: Namespace, ...services: readonly string[]): Promise<readonly Pod[]> => namespace.list<Pod>('pods', selectorOf(...services));

/** Takes new sessions: neither starting nor on its way out. */
export const isServing = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

export async function servingPods(namespace: Namespace, ...services: readonly string[]): Promise<readonly string[]> {
  return (await podsOf(namespace, ...services)).filter(isServing).map(({ metadata }) => metadata.name);
}

/** Resolves when exactly so many serve, and none is on its way out. */
export function settled(namespace: Namespace, service: string, count: number, timeoutMs = 300_000): Promise<unknown> {
  const isSettled = async (): Promise<boolean> => {
    const pods = await podsOf(namespace, service);
    return pods.length === count && pods.every(isServing);
  };
  return eventually(isSettled, { timeoutMs, what: `${count} pods of ${service} serve, and no other is left` });
}

/** What a script prints in a pod; its image has Node and no other program. */
export const nodeIn = (namespace: Namespace, pod: string, script: string): Promise<string> =>
  namespace.kubectl(['exec', pod, '--', 'node', '--input-type=module', '--eval', script]);

/** The value of a metric of one pod, summed over its labels. */
export async function metricOf(namespace: Namespace, pod: string, name: string): Promise<number> {
  const page = await nodeIn(namespace, pod, `console.log(await (await fetch('http://127.0.0.1:8001/metrics')).text())`);
  const lines = page.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Whether a connection from a pod is taken; a policy in between swallows it without a word. */
export async function reaches(namespace: Namespace, pod: string, host: string, port: number): Promise<boolean> {
  const script = `
    import { connect } from 'node:net';
    const socket = connect({ host: '${host}', port: ${port}, timeout: 3000 });
    const say = (text) => (console.log(text), process.exit());
    socket.on('connect', () => say('open')).on('timeout', () => say('closed')).on('error', () => say('closed'));`;
  return (await nodeIn(namespace, pod, script)).trim() === 'open';
}

/** The pod of a service with the most WebSocket connections: any, where there are none. */
export async function fullest(namespace: Namespace, service: string): Promise<string> {
  const names = await servingPods(namespace, service);
  const counts = await Promise.all(names.map((name) => metricOf(namespace, name, 'veche_ws_connections_active')));
  return names[counts.indexOf(Math.max(...counts))] ?? '';
}
