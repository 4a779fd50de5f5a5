import type { Alert } from '../alert.ts';

export const VecheConnectionsRefused: Alert = {
  name: 'VecheConnectionsRefused',
  severity: 'critical',
  for: '5m',
  summary: 'Clients cannot connect, for a reason that is ours',
  description: '{{ $value | humanize }} connects a second are refused in {{ $labels.namespace }}, because gateways are full or cannot judge the token.',
  // Not those that are the client's: a bad token, a limit of one address. "unavailable" is a full gateway, or one that drains.
  measure: (where) => `sum by (namespace) (rate(veche_gateway_connections_failed_total${where('cause=~"unavailable|internal|outcome_unknown"')}[5m]))`,
  over: 0.5,
  unit: 'cps',
};
