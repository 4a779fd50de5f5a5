import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { messagingConfig } from '@veche/platform-messaging';

export const operationsConfig = section('operations', {
  // Of the bus: a command and a request are awaited equally long, and one declaration says how long.
  RPC_TIMEOUT_MS: messagingConfig.settings.RPC_TIMEOUT_MS,
  OPERATIONS_FOREIGN_USERS: setting(flag(false), 'Take names of members that the user register does not know as user ids of a foreign token issuer'),
});
export type OperationsConfig = ConfigOf<typeof operationsConfig>;
