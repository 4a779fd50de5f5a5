/** Every metric that a rule or a panel may ask for. */
import { Metrics } from '@veche/platform-telemetry';

export type Kind = 'counter' | 'gauge' | 'histogram' | 'summary';

export interface Known {
  readonly kind: Kind;
  readonly labels: readonly string[];
}

/** What Prometheus adds to every series, by the target that it comes from. */
export const TARGET_LABELS = ['namespace', 'pod', 'container', 'job', 'instance'];

/** Not ours: Prometheus itself, kube-state-metrics, the kubelet. Each panel or rule that uses one is empty where that is not scraped. */
const FOREIGN: Readonly<Record<string, Known>> = {
  up: { kind: 'gauge', labels: [] },
  kube_pod_status_ready: { kind: 'gauge', labels: ['condition'] },
  kube_pod_container_status_restarts_total: { kind: 'counter', labels: [] },
  container_cpu_usage_seconds_total: { kind: 'counter', labels: [] },
  container_memory_working_set_bytes: { kind: 'gauge', labels: [] },
};

const ROW = /^\| `(\w+)` \| (counter|gauge|histogram|summary) \| (.*?) \|/gm;

/** @param page docs/metrics.md, which is made of the code that registers them */
export function knownMetrics(page: string): ReadonlyMap<string, Known> {
  const rows = [...page.matchAll(ROW)].map(([, name = '', kind, labels = '']): [string, Known] => [
    name,
    { kind: kind as Kind, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
  ]);
  if (rows.length === 0) throw new Error('docs/metrics.md has no metric: its tables look different from what tools/observability/known.ts expects');
  return new Map([...rows, ...ofEveryProcess(), ...Object.entries(FOREIGN)]);
}

interface Instrument {
  readonly name: string;
  readonly type: Kind;
  readonly labelNames: readonly string[];
}

/** What the client library and the identity of a process register: the page names them by their beginnings only. */
function ofEveryProcess(): [string, Known][] {
  const metrics = new Metrics();
  metrics.collectProcess();
  metrics.identify({ name: 'any', version: '0' });
  const instruments = metrics.registry.getMetricsAsArray() as unknown as readonly Instrument[];
  return instruments.map(({ name, type, labelNames }) => [name, { kind: type, labels: labelNames }]);
}

/** The series of a histogram are its name with a suffix; the bare name is none. */
export function seriesOf(name: string, known: ReadonlyMap<string, Known>): Known | undefined {
  const exact = known.get(name);
  if (exact) return exact.kind === 'histogram' ? undefined : exact;
  const [, base = '', suffix] = /^(\w+)_(bucket|sum|count)$/.exec(name) ?? [];
  const histogram = known.get(base);
  if (histogram?.kind !== 'histogram') return undefined;
  return { kind: 'counter', labels: suffix === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels };
}
