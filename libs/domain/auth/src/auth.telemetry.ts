import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@veche/platform-telemetry';

type Counter = ReturnType<Metrics['counter']>;
type Histogram = ReturnType<Metrics['histogram']>;

/** Facts of the auth service; no login, user id, token or address in any of them. */
@Injectable()
export class AuthServiceTelemetry {
  private readonly signIns: Counter;
  private readonly refreshes: Counter;
  private readonly revocations: Counter;
  private readonly hashing: Histogram;
  private readonly logger: Logger;

  constructor(metrics: Metrics, logger: Logger) {
    this.signIns = metrics.counter({ name: 'veche_auth_sign_ins_total', help: 'Sign-ins by result: accepted, refused, delayed', labelNames: ['result'] });
    this.refreshes = metrics.counter({
      name: 'veche_auth_refreshes_total',
      help: 'Refreshes by what was decided: rotate, repeat, revoke, unknown',
      labelNames: ['result'],
    });
    this.revocations = metrics.counter({ name: 'veche_auth_revocations_total', help: 'Revocations by reason', labelNames: ['reason'] });
    this.hashing = metrics.histogram({ name: 'veche_auth_hash_duration_seconds', help: 'Hashing one password, without waiting for its turn' });
    this.logger = logger.child('auth');
  }

  signIn(result: 'accepted' | 'refused' | 'delayed'): void {
    this.signIns.inc({ result });
  }

  refresh(result: string): void {
    this.refreshes.inc({ result });
    if (result === 'revoke') this.logger.warn({}, 'a spent refresh token was used again: somebody else may hold it, its sign-in session was ended');
  }

  revoked(reason: 'sign_out' | 'reuse' | 'request'): void {
    this.revocations.inc({ reason });
  }

  hashed(seconds: number): void {
    this.hashing.observe(seconds);
  }

  keysChanged(created: number, retired: number): void {
    this.logger.info({ created, retired }, 'signing keys changed');
  }

  housekeepingFailed(error: unknown): void {
    this.logger.warn({ err: error }, 'housekeeping failed, it is tried again in a minute');
  }
}
