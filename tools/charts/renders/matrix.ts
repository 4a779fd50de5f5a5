import type { Values } from './merged.ts';

const HOSTS = ['chat.example.com'];
const TLS = [{ hosts: HOSTS, secretName: 'chat-tls' }];

const ROUTES: Readonly<Record<string, Values>> = {
  'no route': { route: { hosts: [], gateway: { enabled: false }, ingress: { enabled: false } } },
  HTTPRoute: { route: { hosts: HOSTS, gateway: { enabled: true, parentRefs: [{ name: 'public', namespace: 'ingress' }] }, ingress: { enabled: false } } },
  'Ingress of nginx': ingress('nginx'),
  'Ingress of Traefik': ingress('traefik'),
};

function ingress(controller: string): Values {
  return { route: { hosts: HOSTS, gateway: { enabled: false }, ingress: { enabled: true, className: controller, controller, tls: TLS } } };
}

const TOPOLOGIES: Readonly<Record<string, Values>> = {
  standalone: { topology: 'standalone', fanout: 'redis', redis: { host: 'veche-data-valkey' } },
  split: { topology: 'split', fanout: 'own', redis: { host: 'veche-data-valkey' }, rabbitmq: { hosts: ['veche-data-rabbitmq'] } },
};

const SERVERS: Readonly<Record<string, Values>> = {
  operators: { postgres: { mode: 'operator' }, rabbitmq: { mode: 'operator' }, valkey: { mode: 'sentinel' } },
  'single pods': {
    postgres: { mode: 'single', existingSecret: 'postgres', pooler: { enabled: false }, backup: { enabled: false } },
    rabbitmq: { mode: 'single', existingSecret: 'rabbitmq' },
    valkey: { mode: 'single' },
  },
  external: {
    postgres: { mode: 'external', pooler: { enabled: false }, backup: { enabled: false } },
    rabbitmq: { mode: 'external' },
    valkey: { mode: 'external' },
  },
};

/** What each stage of a chart is rendered with, by name; a new chart brings files in ci/ instead. */
export function matrixOf(chart: string): Readonly<Record<string, Values>> {
  if (chart === 'charts/veche') return product(TOPOLOGIES, ROUTES);
  return chart === 'charts/veche-data' ? SERVERS : {};
}

const product = (a: Readonly<Record<string, Values>>, b: Readonly<Record<string, Values>>): Record<string, Values> =>
  Object.fromEntries(Object.entries(a).flatMap(([one, left]) => Object.entries(b).map(([two, right]) => [`${one}, ${two}`, { ...left, ...right }])));
