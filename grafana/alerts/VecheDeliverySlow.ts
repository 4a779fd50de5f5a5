import type { Alert } from '../alert.ts';

export const VecheDeliverySlow: Alert = {
  name: 'VecheDeliverySlow',
  severity: 'critical',
  for: '10m',
  summary: 'Messages are late',
  description:
    'One message in a hundred takes {{ $value | humanizeDuration }} or longer from its commit to the gateways of its readers in {{ $labels.namespace }}.',
  measure: (where) => `histogram_quantile(0.99, sum by (namespace, le) (rate(veche_message_delivery_duration_seconds_bucket${where()}[5m])))`,
  // The promise: p99 within two seconds.
  over: 2,
  unit: 's',
};
