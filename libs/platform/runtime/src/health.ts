/** Readiness with reasons: the stage of the process, the database, the bus, and what modules add. */
import { Inject, Injectable, Optional, ServiceUnavailableException } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Database } from '@veche/platform-postgres';
import { readinessChecks } from './hooks.ts';
import { runtimeConfig, type RuntimeConfig } from './runtime.config.ts';

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: HealthCheckResult;
}

@Injectable()
export class Health {
  constructor(
    private readonly service: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly discovery: DiscoveryService,
    @Inject(runtimeConfig.token) private readonly config: RuntimeConfig,
    @Optional() private readonly database?: Database,
  ) {}

  async ready(): Promise<HealthAnswer> {
    try {
      return { status: 200, body: await this.service.check(this.checks().map(({ name, check }) => () => this.indicate(name, check))) };
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return { status: 503, body: error.getResponse() as HealthCheckResult };
      throw error;
    }
  }

  private checks(): { readonly name: string; readonly check: () => Promise<void> }[] {
    const { database } = this;
    const own = database ? [{ name: 'database', check: async () => void (await database.query({ text: 'select 1' })) }] : [];
    return [...own, ...readinessChecks(this.discovery).map(({ name, check }) => ({ name, check: () => check.check() }))];
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
