/** Readiness with reasons: the database, the bus and what modules add. The stage of the process is judged before, by the private port. */
import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { runtimeConfig, type RuntimeConfig } from './runtime.config.ts';

/** Injection token of a function that lists the checks: modules add theirs until the application is complete. */
export const CHECKS = Symbol('ReadinessChecks');

export interface NamedCheck {
  readonly name: string;
  /** Throws with a reason for people. */
  readonly check: () => Promise<void>;
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: HealthCheckResult;
}

@Injectable()
export class Health {
  constructor(
    private readonly service: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @Inject(CHECKS) private readonly checks: () => readonly NamedCheck[],
    @Inject(runtimeConfig.token) private readonly config: RuntimeConfig,
  ) {}

  async ready(): Promise<HealthAnswer> {
    try {
      return {
        status: 200,
        body: await this.service.check(
          this.checks().map(
            ({ name, check }) =>
              () =>
                this.indicate(name, check),
          ),
        ),
      };
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return { status: 503, body: error.getResponse() as HealthCheckResult };
      throw error;
    }
  }

  private async indicate(name: string, check: () => Promise<void>): Promise<ReturnType<ReturnType<HealthIndicatorService['check']>['up']>> {
    const indicator = this.indicators.check(name);
    try {
      await within(this.config.VECHE_READINESS_TIMEOUT_MS, check());
      return indicator.up();
    } catch (error) {
      return indicator.down({ reason: error instanceof Error ? error.message : String(error) }) as never;
    }
  }
}

/** A check that hangs (no free connection, a frozen server) is a failed one. */
function within(ms: number, check: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  return Promise.race([check, late.promise]).finally(() => clearTimeout(timer));
}
