import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Application, applicationOf } from './application.ts';
import { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { telemetryConfig, type TelemetryConfig } from './telemetry.config.ts';
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
  private beating: NodeJS.Timeout | undefined;

  // allowed: size: the three parts that it brings to life, and what of
  constructor(
    private readonly metrics: Metrics,
    private readonly logger: Logger,
    @Inject(APPLICATION) private readonly application: Application,
    @Inject(telemetryConfig.token) private readonly config: Pick<TelemetryConfig, 'LOG_PULSE_MS'>,
    private readonly tracing: Tracing,
  ) {}

  onModuleInit(): void {
    this.metrics.collectProcess();
    this.metrics.identify(this.application);
    if (this.config.LOG_PULSE_MS > 0) this.beating = setInterval(() => void this.beat(), this.config.LOG_PULSE_MS).unref();
  }

  /** Bounded: what waits is sent while the other modules close. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.beating);
    await this.tracing.stop();
  }

  private async beat(): Promise<void> {
    const log = this.logger.child('pulse');
    try {
      const fields = await this.metrics.pulse.beat();
      if (Object.keys(fields).length > 0) log.info(fields, 'pulse');
    } catch (error) {
      log.warn({ err: error }, 'a figure of the pulse could not be read');
    }
  }
}
