import type { Application } from '../application.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { otlpSink } from './otlp-sink.ts';
import { TracesTelemetry } from './traces.telemetry.ts';
import { Tracing } from './tracing.ts';
import type { TracingConfig } from './tracing.config.ts';

/** Traces as the settings say; loads nothing of the SDK when they say no endpoint or that it is disabled. Whoever starts them stops them. */
export async function startTracing(config: TracingConfig, application: Application, metrics: Metrics, logger: Logger): Promise<Tracing> {
  // NodeSDK reads the second of them, too, and would then make spans without ids.
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === '' || config.OTEL_SDK_DISABLED) return Tracing.off();
  return new Tracing(await otlpSink(config, application, new TracesTelemetry(metrics, logger)), config);
}
