import { Global, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Application, applicationOf } from './application.ts';
import { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { telemetryConfig, type TelemetryConfig } from './telemetry.config.ts';
import { otlpSink } from './tracing/otlp-sink.ts';
import { TracesTelemetry } from './tracing/traces.telemetry.ts';
import { Tracing } from './tracing/tracing.ts';

const APPLICATION = Symbol('Application');

/** Global: one Logger, one Metrics and one Tracing for the application; traces are on before any module that has spans is made. */
@Global()
@Module({
  providers: [
    Logger,
    Metrics,
    TracesTelemetry,
    { provide: APPLICATION, useFactory: () => applicationOf(process.argv[1]) },
    { provide: Tracing, inject: [telemetryConfig.token, APPLICATION, TracesTelemetry], useFactory: startTracing },
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

async function startTracing(config: TelemetryConfig, application: Application, telemetry: TracesTelemetry): Promise<Tracing> {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === '') return Tracing.off();
  return new Tracing(await otlpSink(config, application, telemetry), config);
}
