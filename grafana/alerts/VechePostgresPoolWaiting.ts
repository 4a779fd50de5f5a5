import type { Alert } from '../alert.ts';

export const VechePostgresPoolWaiting: Alert = {
  name: 'VechePostgresPoolWaiting',
  severity: 'warning',
  for: '5m',
  summary: 'Callers wait for a connection to Postgres',
  description: 'One caller in a hundred in {{ $labels.namespace }} waits {{ $value | humanizeDuration }} or longer for a connection to Postgres.',
  measure: (where) => `histogram_quantile(0.99, sum by (namespace, le) (rate(veche_postgres_pool_wait_seconds_bucket${where()}[5m])))`,
  over: 0.5,
  unit: 's',
};
