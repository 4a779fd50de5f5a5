import type { Alert } from '../alert.ts';

export const VecheCommandsWaiting: Alert = {
  name: 'VecheCommandsWaiting',
  severity: 'critical',
  for: '2m',
  summary: 'Senders wait long for their answer',
  description: 'The command that has waited longest in {{ $labels.namespace }} has had no answer for {{ $value | humanizeDuration }}.',
  measure: (where) => `max by (namespace) (veche_messaging_oldest_command_age_seconds${where()})`,
  // Half of the time after which senders are told that nobody knows (RPC_TIMEOUT_MS), rounded down.
  over: 2,
  unit: 's',
};
