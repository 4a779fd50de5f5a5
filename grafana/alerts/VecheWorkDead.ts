import { type Alert, happened } from '../alert.ts';

export const VecheWorkDead: Alert = {
  name: 'VecheWorkDead',
  severity: 'warning',
  for: '0m',
  summary: 'Work was given up and waits among the dead letters',
  description: '{{ $value | humanize }} units of {{ $labels.class }} work in {{ $labels.namespace }} failed every attempt within the last hour.',
  measure: (where) => `sum by (namespace, class) ${happened(`veche_messaging_work_total${where('result="dead"')}`, '1h')}`,
  over: 0,
  unit: 'short',
};
