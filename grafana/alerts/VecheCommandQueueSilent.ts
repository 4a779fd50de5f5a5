import type { Alert } from '../alert.ts';

export const VecheCommandQueueSilent: Alert = {
  name: 'VecheCommandQueueSilent',
  severity: 'critical',
  for: '1m',
  summary: 'A command queue has no owner that answers',
  description:
    'Commands of command queue {{ $labels.queue }} in {{ $labels.namespace }} are not answered: channels of that slot cannot be written to, the others can.',
  measure: (where) => `max by (namespace, queue) (veche_messaging_owner_silent${where()})`,
  over: 0,
  unit: 'bool',
};
