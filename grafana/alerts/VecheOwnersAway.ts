import type { Alert } from '../alert.ts';

export const VecheOwnersAway: Alert = {
  name: 'VecheOwnersAway',
  severity: 'critical',
  for: '1m',
  summary: 'Commands are refused: their owners cannot work',
  description:
    'Nobody can write in {{ $labels.namespace }}: commands are answered "unavailable", because the database of their owners, or the broker before them, is away.',
  measure: (where) => `max by (namespace) (veche_messaging_outage${where()})`,
  over: 0,
  unit: 'bool',
};
