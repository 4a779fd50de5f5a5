import type { Alert } from '../alert.ts';

export const VecheProcessNotReady: Alert = {
  name: 'VecheProcessNotReady',
  severity: 'critical',
  for: '5m',
  summary: 'A process is down or not ready',
  description: '{{ $labels.pod }} in {{ $labels.namespace }} does not answer the scrape, or says that it is not ready.',
  // veche_build_info says which of all pods are ours; of one that does not answer it says so by its last hour. A pod that is gone has no
  // `up` either: scaling in is no alarm.
  measure: (where) =>
    `max by (namespace, pod) ((1 - up${where()}) and on (job, instance) last_over_time(veche_build_info${where()}[1h]) or kube_pod_status_ready${where('condition="false"')} and on (namespace, pod) veche_build_info${where()})`,
  over: 0,
  unit: 'bool',
};
