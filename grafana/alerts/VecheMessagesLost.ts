import { type Alert, happened } from '../alert.ts';

export const VecheMessagesLost: Alert = {
  name: 'VecheMessagesLost',
  severity: 'critical',
  for: '0m',
  summary: 'Channels lost their position in the log',
  description:
    '{{ $value | humanize }} times within ten minutes a gateway in {{ $labels.namespace }} could not go on where it was in a channel: subscribers must load the state anew.',
  measure: (where) => `sum by (namespace) ${happened(`veche_gateway_messages_lost_total${where('outcome="position_lost"')}`, '10m')}`,
  over: 0,
  unit: 'short',
};
