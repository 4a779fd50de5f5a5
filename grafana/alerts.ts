import { VecheBrokerUnavailable } from './alerts/VecheBrokerUnavailable.ts';
import { VecheCommandQueueSilent } from './alerts/VecheCommandQueueSilent.ts';
import { VecheCommandsWaiting } from './alerts/VecheCommandsWaiting.ts';
import { VecheConnectionsRefused } from './alerts/VecheConnectionsRefused.ts';
import { VecheDeliverySlow } from './alerts/VecheDeliverySlow.ts';
import { VecheHttpErrors } from './alerts/VecheHttpErrors.ts';
import { VecheMessagesLost } from './alerts/VecheMessagesLost.ts';
import { VecheOwnersAway } from './alerts/VecheOwnersAway.ts';
import { VechePostgresPoolWaiting } from './alerts/VechePostgresPoolWaiting.ts';
import { VecheProcessNotReady } from './alerts/VecheProcessNotReady.ts';
import { VecheReconnectStorm } from './alerts/VecheReconnectStorm.ts';
import { VecheWorkDead } from './alerts/VecheWorkDead.ts';
import type { Alert } from './alert.ts';

/** Every alert there is, in the order of the rules file. */
export const ALERTS: readonly Alert[] = [
  VecheBrokerUnavailable,
  VecheCommandQueueSilent,
  VecheCommandsWaiting,
  VecheConnectionsRefused,
  VecheDeliverySlow,
  VecheHttpErrors,
  VecheMessagesLost,
  VecheOwnersAway,
  VechePostgresPoolWaiting,
  VecheProcessNotReady,
  VecheReconnectStorm,
  VecheWorkDead,
];
