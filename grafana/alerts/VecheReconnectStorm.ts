import type { Alert } from '../alert.ts';

export const VecheReconnectStorm: Alert = {
  name: 'VecheReconnectStorm',
  severity: 'critical',
  for: '3m',
  summary: 'Sessions do not stay open',
  description: '{{ $value | humanizePercentage }} of the sessions in {{ $labels.namespace }} connect again every minute.',
  // A rollout moves each session about once within minutes and ends; a broken proxy or a crash loop goes on. Below a hundred sessions one
  // restless client would be a storm.
  measure: (where) =>
    `60 * sum by (namespace) (rate(ws_reconnect_attempts${where()}[2m])) / clamp_min(sum by (namespace) (veche_ws_connections_active${where()}) + sum by (namespace) (veche_sse_connections_active${where()}), 100)`,
  over: 0.2,
  unit: 'percentunit',
};
