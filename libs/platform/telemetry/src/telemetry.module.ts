import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';

/** Global: one Logger and one Metrics for the application. */
@Global()
@Module({ providers: [Logger, Metrics], exports: [Logger, Metrics] })
export class TelemetryModule implements OnModuleInit {
  constructor(private readonly metrics: Metrics) {}

  onModuleInit(): void {
    this.metrics.collectProcess();
  }
}
