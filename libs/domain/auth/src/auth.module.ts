import { Module } from '@nestjs/common';
import { RedisClient, RevokedSessions } from '@veche/platform-redis';
import { type AuthConfig, authConfig } from './auth.config.ts';
import { AuthServiceTelemetry } from './auth.telemetry.ts';
import { Housekeeping } from './housekeeping.ts';
import { AccessTokens } from './keys/access-tokens.ts';
import { ListKeysHandler } from './keys/list-keys.handler.ts';
import { SigningKeys } from './keys/signing-keys.ts';
import { SigningKeysRepository } from './keys/signing-keys.repository.ts';
import { Credentials } from './passwords/credentials.ts';
import { Passwords } from './passwords/passwords.ts';
import { ListRevocationsHandler } from './revocations/list-revocations.handler.ts';
import { RevocationsRepository } from './revocations/revocations.repository.ts';
import { Revocations } from './revocations/revocations.service.ts';
import { RevokeTokensHandler } from './revocations/revoke-tokens.handler.ts';
import { EndSessionHandler } from './sign-ins/end-session.handler.ts';
import { IssueTokenHandler } from './sign-ins/issue-token.handler.ts';
import { MemorySignInDelays } from './sign-ins/memory-sign-in-delays.ts';
import { RedisSignInDelays } from './sign-ins/redis-sign-in-delays.ts';
import { RefreshTokenHandler } from './sign-ins/refresh-token.handler.ts';
import { SIGN_IN_DELAYS, type SignInDelays } from './sign-ins/sign-in-delays.ts';
import { SignInsRepository } from './sign-ins/sign-ins.repository.ts';
import { SignIns } from './sign-ins/sign-ins.service.ts';
import { IssueTicketHandler } from './tickets/issue-ticket.handler.ts';
import { RedeemTicketHandler } from './tickets/redeem-ticket.handler.ts';
import { TicketsRepository } from './tickets/tickets.repository.ts';
import { FindUsersHandler } from './users/find-users.handler.ts';
import { RegisterUserHandler } from './users/register-user.handler.ts';
import { UserChanges } from './users/user-changes.ts';
import { UsersRepository } from './users/users.repository.ts';

/** Absent where each process keeps its own. */
const SHARED = { token: RedisClient, optional: true };

function delaysOf(config: AuthConfig, redis?: RedisClient): SignInDelays {
  const memory = new MemorySignInDelays();
  return redis?.enabled ? new RedisSignInDelays(redis, { memory, closed: !config.AUTH_SIGN_IN_WITHOUT_REDIS }) : memory;
}

const handlers = [
  EndSessionHandler,
  FindUsersHandler,
  IssueTicketHandler,
  IssueTokenHandler,
  ListKeysHandler,
  ListRevocationsHandler,
  RedeemTicketHandler,
  RefreshTokenHandler,
  RegisterUserHandler,
  RevokeTokensHandler,
];
const repositories = [RevocationsRepository, SigningKeysRepository, SignInsRepository, TicketsRepository, UsersRepository];

/** Needs the global configuration, telemetry, Postgres and messaging modules. */
@Module({
  providers: [
    ...handlers,
    ...repositories,
    AccessTokens,
    AuthServiceTelemetry,
    Credentials,
    Housekeeping,
    Passwords,
    Revocations,
    SigningKeys,
    SignIns,
    UserChanges,
    { provide: SIGN_IN_DELAYS, inject: [authConfig.token, SHARED], useFactory: delaysOf },
    { provide: RevokedSessions, inject: [SHARED], useFactory: (redis?: RedisClient) => new RevokedSessions(redis) },
  ],
})
export class AuthModule {}
