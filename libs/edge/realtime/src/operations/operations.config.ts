import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const operationsConfig = section('operations', {
  OPERATIONS_FOREIGN_USERS: setting(flag(false), 'Take names of members that the user register does not know as user ids of a foreign token issuer'),
  OPERATIONS_USERS_CACHE_MS: setting(
    z.coerce.number().int().min(0).max(3_600_000).default(60_000),
    'Milliseconds that a process, and Redis for all of them, remembers who a login or id is; a change of the user ends it at once. 0: the auth service is asked each time',
  ),
});
export type OperationsConfig = ConfigOf<typeof operationsConfig>;
