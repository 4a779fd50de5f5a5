import { type ConfigOf, flag, section, setting } from '@veche/platform-config';
import { z } from 'zod';

export const operationsConfig = section('operations', {
  RPC_TIMEOUT_MS: setting(
    z.coerce.number().int().min(100).max(60_000).default(5_000),
    "Milliseconds that a client's command or request may take; past it the outcome is reported as unknown",
  ),
  OPERATIONS_FOREIGN_USERS: setting(flag(false), 'Take names of members that the user register does not know as user ids of a foreign token issuer'),
});
export type OperationsConfig = ConfigOf<typeof operationsConfig>;
