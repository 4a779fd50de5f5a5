/** By which names the charts find each other. */
import type { KubeObject } from './objects.ts';

/** Services that an object is, or that its operator makes of it. */
const SERVICES: Readonly<Record<string, (name: string) => readonly string[]>> = {
  Service: (name) => [name],
  Cluster: (name) => [`${name}-rw`, `${name}-ro`, `${name}-r`],
  Pooler: (name) => [name],
  RabbitmqCluster: (name) => [name],
};

export const servicesIn = (objects: readonly KubeObject[]): ReadonlySet<string> =>
  new Set(objects.flatMap(({ kind, metadata: { name = '' } }) => SERVICES[kind]?.(name) ?? []));

/** `postgres://user:password@HOST:5432/…`, `http://HOST:4318`. */
const HOST = /\b[a-z]+:\/\/(?:[^@\s"]*@)?([a-z0-9.-]+):\d+/g;
/** Several addresses in one variable. */
const NEXT = /[,;]/;

/** Hosts in the variables of an installation's processes. */
export const hostsIn = (manifest: string): ReadonlySet<string> =>
  new Set(manifest.split('\n').flatMap((line) => line.split(NEXT).flatMap((part) => [...part.matchAll(HOST)].map(([, host = '']) => host))));

/** Secrets that an operator makes of an object. */
export const secretsIn = (objects: readonly KubeObject[]): ReadonlySet<string> =>
  new Set(objects.flatMap(({ kind, metadata: { name = '' } }) => (kind === 'Cluster' ? [`${name}-app`] : [])));

const SECRET = /secretKeyRef:\s*(?:\{\s*)?(?:key: \S+\s+)?name: "?([a-z0-9.-]+)/g;

export const secretsUsedIn = (manifest: string): ReadonlySet<string> => new Set([...manifest.matchAll(SECRET)].map(([, name = '']) => name));
