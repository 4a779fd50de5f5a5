import { Global, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { applicationOf } from './application.ts';
import { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { telemetryConfig } from './telemetry.config.ts';
import { startTracing } from './tracing/start-tracing.ts';
import { Tracing } from './tracing/tracing.ts';

const APPLICATION = Symbol('Application');

/** Global: one Logger, one Metrics and one Tracing for the application; traces are on before any module that has spans is made. */
@Global()
@Module({
  providers: [
    Logger,
    Metrics,
    { provide: APPLICATION, useFactory: () => applicationOf(process.argv[1]) },
    { provide: Tracing, inject: [telemetryConfig.token, APPLICATION, Metrics, Logger], useFactory: startTracing },
  ],
  exports: [Logger, Metrics, Tracing],
})
export class TelemetryModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {}

  onModuleInit(): void {
    this.metrics.collectProcess();
  }

  /** Bounded: what waits is sent while the other modules close. */
  async onApplicationShutdown(): Promise<void> {
    await this.tracing.stop();
  }
}
