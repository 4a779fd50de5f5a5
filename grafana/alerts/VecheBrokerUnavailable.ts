import type { Alert } from '../alert.ts';

export const VecheBrokerUnavailable: Alert = {
  name: 'VecheBrokerUnavailable',
  severity: 'critical',
  for: '2m',
  summary: 'RabbitMQ is not there or takes nothing',
  description: 'At least one process in {{ $labels.namespace }} has lost RabbitMQ, or RabbitMQ blocks it because of an alarm (memory, disk).',
  measure: (where) => `max by (namespace) ((1 - veche_messaging_broker_connected${where()}) or veche_messaging_broker_blocked${where()})`,
  over: 0,
  unit: 'bool',
};
