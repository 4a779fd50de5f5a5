/** Values of every release in these tests, beside a stage: which image, which names, and limits that would count a whole crowd as one address. */
import { GATEWAY } from './edge.ts';
import type { Values } from './helm.ts';

/** Of a pod's image, from a name with a tag. */
export const imageValues = (image: string): Values => {
  const [, repository, tag] = /^(.*):([^:/]+)$/.exec(image) ?? [];
  if (repository === undefined || tag === undefined) throw new Error(`the image ${image} has no tag`);
  return { repository, tag };
};

export const host = (namespace: string): string => `${namespace}.veche.test`;

export const byGateway = (namespace: string): Values => ({
  hosts: [host(namespace)],
  gateway: { enabled: true, parentRefs: [{ name: GATEWAY.name, namespace: GATEWAY.namespace }] },
});

export const byIngress: Values = { enabled: true, controller: 'traefik' };

/** All clients of a test share one address and outlive a token of ten minutes. */
export const crowdSettings: Readonly<Record<string, string>> = {
  AUTH_ACCESS_TTL_S: '3600',
  GATEWAY_RECONNECT_ALLOW: '0.0.0.0/0',
  GATEWAY_CONNECTS_PER_USER: '1000',
  GATEWAY_MESSAGES_PER_MINUTE: '10000',
  HTTP_REQUESTS_PER_MINUTE: '100000',
};

/** Images that the test cluster has beside ours; the broker is one for all. */
export const dataValues: Values = {
  rabbitmq: { mode: 'external' },
  valkey: { image: process.env['VECHE_VALKEY_IMAGE'] ?? 'localhost/valkey:8' },
};

/** The test cluster has Jaeger's program, and neither a collector nor an image that starts by itself. */
export const observabilityValues: Values = {
  collector: { enabled: false },
  jaeger: { image: imageValues(process.env['VECHE_JAEGER_IMAGE'] ?? 'localhost/jaeger:2.2.0'), command: ['/jaeger'] },
};

/** A quarter of the presets' times: the same steps in the same order, so that a run of all tests is a matter of minutes. */
export const quickDrain: Values = { preStopSeconds: 5, windowSeconds: 15, flushSeconds: 5, marginSeconds: 5 };
