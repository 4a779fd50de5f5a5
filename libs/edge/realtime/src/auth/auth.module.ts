import { Injectable, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ListKeys } from '@veche/contracts';
import { ask, REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import { RedisClient, RevokedSessions } from '@veche/platform-redis';
import { Readiness, type ReadinessCheck } from '@veche/platform-runtime';
import { ApiKeys } from './api-keys.ts';
import { type TokensConfig, tokensConfig } from './auth.config.ts';
import { AuthTelemetry } from './auth.telemetry.ts';
import { fetchJwks } from './fetch-jwks.ts';
import { Issuers } from './issuers.ts';
import { KeyRing } from './key-ring.ts';
import { Revocations } from './revocations.ts';
import { TokenVerifier } from './token-verifier.ts';

/** Key sets of others change when they like and are asked over the network: less often than our own. */
const FOREIGN_TIMES = { freshMs: 300_000, unknownKidMs: 30_000 };
const ASK_MS = 2000;

function issuersOf(config: TokensConfig, requests: RequestBus, telemetry: AuthTelemetry): Issuers {
  const own = new KeyRing(
    () => ask(requests, ListKeys, {}, { timeoutMs: ASK_MS }),
    (error) => telemetry.keysFailed('own', error),
  );
  const url = config.AUTH_JWKS_URL;
  const foreign =
    url === undefined
      ? undefined
      : new KeyRing(
          () => fetchJwks(url),
          (error) => telemetry.keysFailed('foreign', error),
          FOREIGN_TIMES,
        );
  return new Issuers(config, own, foreign);
}

/** Starts and stops with the application; new clients belong elsewhere until somebody can be let in here. */
@Injectable()
@Readiness('revocations')
class RevocationsLifecycle implements OnApplicationBootstrap, OnApplicationShutdown, ReadinessCheck {
  constructor(
    private readonly revocations: Revocations,
    private readonly issuers: Issuers,
  ) {}

  onApplicationBootstrap(): void {
    this.revocations.start();
    this.issuers.askForKeys();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.revocations.stop();
  }

  /** Once known they stay so: the auth service may be away then. */
  async check(): Promise<void> {
    // Not only with the first token: the auth service may be away by then.
    this.issuers.askForKeys();
    if (!this.revocations.areKnown) throw new Error('the auth service has not said yet who is revoked: nobody is let in before');
  }
}

/** Who is at the other end: `TokenVerifier`, `Revocations`, `ApiKeys`. */
@Module({
  providers: [
    AuthTelemetry,
    ApiKeys,
    RevocationsLifecycle,
    {
      provide: Revocations,
      inject: [REQUEST_BUS, AuthTelemetry, { token: RedisClient, optional: true }],
      useFactory: (requests: RequestBus, telemetry: AuthTelemetry, redis?: RedisClient) => new Revocations(requests, telemetry, new RevokedSessions(redis)),
    },
    { provide: Issuers, inject: [tokensConfig.token, REQUEST_BUS, AuthTelemetry], useFactory: issuersOf },
    {
      provide: TokenVerifier,
      inject: [tokensConfig.token, Issuers, Revocations, AuthTelemetry],
      useFactory: (config: TokensConfig, issuers: Issuers, revocations: Revocations, telemetry: AuthTelemetry) =>
        new TokenVerifier(config, issuers, revocations, telemetry),
    },
  ],
  exports: [TokenVerifier, Revocations, ApiKeys],
})
export class EdgeAuthModule {}
