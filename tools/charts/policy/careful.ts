import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, nameOf } from '../renders/objects.ts';
import { type Container, containersOf, type Pod } from './pods.ts';

/** Requests are made, and memory cannot be taken from a neighbour; one line each. */
export const careless = (pod: Pod): readonly string[] =>
  containersOf(pod).flatMap((container) =>
    [...resources(container), ...probes(pod, container)].map((line) => `${pod.owner}: container ${container.name}: ${line}`),
  );

function resources({ resources: { requests = {}, limits = {} } = {} }: Container): string[] {
  const { cpu, memory } = requests;
  return [
    ...(cpu === undefined ? ['no CPU is requested'] : []),
    ...(memory === undefined ? ['no memory is requested'] : []),
    // A limit above the request is memory of a neighbour: the node kills whom it likes.
    ...(memory !== limits['memory'] ? [`the limit of memory (${String(limits['memory'])}) is not what is requested (${String(memory)})`] : []),
  ];
}

/** Readiness takes a pod out of its Service, liveness kills it: on the same question one of them is wrong. */
function probes({ serves, spec }: Pod, { name, ports = [], livenessProbe, readinessProbe }: Container): string[] {
  const main = spec.containers.some((each) => each.name === name);
  if (!serves || !main || ports.length === 0) return [];
  if (!livenessProbe || !readinessProbe) return ['livenessProbe or readinessProbe is missing'];
  const samePath = livenessProbe.httpGet !== undefined && livenessProbe.httpGet.path === readinessProbe.httpGet?.path;
  return samePath || isDeepStrictEqual(livenessProbe, readinessProbe) ? ['livenessProbe and readinessProbe ask the same'] : [];
}

/** Server-side apply refuses two entries of one key, and of two objects of one name the last wins; one line each. */
export function duplicates(objects: readonly KubeObject[], pods: readonly Pod[]): readonly string[] {
  return [
    ...twice(objects.map((object) => `${object.apiVersion} ${nameOf(object)} ${object.metadata.namespace ?? ''}`)).map((each) => `${each}: there are two`),
    ...pods.flatMap((pod) => [
      ...twice((pod.spec.volumes ?? []).map(({ name }) => name)).map((each) => `${pod.owner}: volume ${each} twice`),
      ...twice(containersOf(pod).map(({ name }) => name)).map((each) => `${pod.owner}: container ${each} twice`),
      ...containersOf(pod).flatMap((container) => inContainer(container).map((line) => `${pod.owner}: container ${container.name}: ${line}`)),
    ]),
    ...objects.filter(({ kind }) => kind === 'Service').flatMap((service) => inService(service).map((line) => `${nameOf(service)}: ${line}`)),
  ];
}

const inContainer = ({ env = [], ports = [], volumeMounts = [] }: Container): string[] => [
  ...twice(env.map(({ name }) => name)).map((each) => `variable ${each} twice`),
  ...twice(ports.map(({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`)).map((each) => `port ${each} twice`),
  ...twice(ports.flatMap(({ name }) => name ?? [])).map((each) => `port ${each} twice`),
  ...twice(volumeMounts.map(({ mountPath }) => mountPath)).map((each) => `mount ${each} twice`),
];

function inService({ spec }: KubeObject): string[] {
  const { ports = [] } = spec as { ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[] };
  return [...twice(ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`)), ...twice(ports.flatMap(({ name }) => name ?? []))].map(
    (each) => `port ${each} twice`,
  );
}

const twice = (keys: readonly string[]): string[] => [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
