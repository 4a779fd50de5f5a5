import { type ConfigOf, flag, section, setting } from '@veche/platform-config';

export const operationsConfig = section('operations', {
  OPERATIONS_FOREIGN_USERS: setting(flag(false), 'Take names of members that the user register does not know as user ids of a foreign token issuer'),
});
export type OperationsConfig = ConfigOf<typeof operationsConfig>;
