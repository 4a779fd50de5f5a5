import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { Logger, Metrics } from '@veche/platform-telemetry';

type Counter = ReturnType<Metrics['counter']>;
type Gauge = ReturnType<Metrics['gauge']>;

/** Facts of token verification; no token, user or session id in any of them. */
@Injectable()
export class AuthTelemetry {
  private readonly verifications: Counter;
  private readonly revocations: Counter;
  private readonly pulledAt: Gauge;
  private readonly keyFetches: Counter;
  private readonly logger: Logger;
  private pullsFail = false;

  constructor(metrics: Metrics, logger: Logger) {
    this.verifications = metrics.counter({
      name: 'veche_gateway_token_verifications_total',
      help: 'Tokens looked at: remembered, verified, or why refused',
      labelNames: ['result'],
    });
    this.revocations = metrics.counter({ name: 'veche_gateway_revocations_total', help: 'Revocations that became known' });
    this.pulledAt = metrics.gauge({ name: 'veche_gateway_revocations_pulled_timestamp_seconds', help: 'When the revocations were last known to be complete' });
    this.keyFetches = metrics.counter({
      name: 'veche_gateway_key_fetch_failures_total',
      help: 'Key sets that could not be fetched; the last good one serves on',
      labelNames: ['issuer'],
    });
    this.logger = logger.child('auth');
  }

  tokenRemembered(): void {
    this.verifications.inc({ result: 'remembered' });
  }

  tokenVerified(): void {
    this.verifications.inc({ result: 'verified' });
  }

  tokenRefused(error: unknown): void {
    this.verifications.inc({ result: error instanceof VecheError ? error.error : 'internal' });
  }

  revoked(): void {
    this.revocations.inc();
  }

  revocationsPulled(): void {
    this.pulledAt.setToCurrentTime();
    if (this.pullsFail) this.logger.info({}, 'revocations are pulled again');
    this.pullsFail = false;
  }

  /** Logged once, not every 5 s. */
  revocationsFailed(error: unknown): void {
    if (!this.pullsFail) this.logger.warn({ err: error }, 'revocations cannot be pulled; signals still end sessions, the last known list serves on');
    this.pullsFail = true;
  }

  keysFailed(issuer: 'own' | 'foreign', error: unknown): void {
    this.keyFetches.inc({ issuer });
    this.logger.warn({ issuer, err: error }, 'keys to check tokens with could not be fetched; the last good ones serve on');
  }
}
