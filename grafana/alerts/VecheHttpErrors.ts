import type { Alert } from '../alert.ts';

export const VecheHttpErrors: Alert = {
  name: 'VecheHttpErrors',
  severity: 'critical',
  for: '10m',
  summary: 'HTTP requests fail',
  description: '{{ $value | humanizePercentage }} of the HTTP requests in {{ $labels.namespace }} are answered with a status of 500 or above.',
  measure: (where) =>
    `sum by (namespace) (rate(veche_http_requests_total${where('status=~"5.."')}[5m])) / sum by (namespace) (rate(veche_http_requests_total${where()}[5m]))`,
  over: 0.01,
  unit: 'percentunit',
};
