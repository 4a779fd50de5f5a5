import type { Application } from '../application.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { loadSdk } from './node-sdk.ts';
import { otlpSink } from './otlp-sink.ts';
import { TracesTelemetry } from './traces.telemetry.ts';
import { Tracing } from './tracing.ts';
import type { TracingConfig } from './tracing.config.ts';

/** NodeSDK reads the second of them, too, and would then make spans without ids. */
const wanted = (config: TracingConfig): boolean => config.OTEL_EXPORTER_OTLP_ENDPOINT !== '' && !config.OTEL_SDK_DISABLED;

/**
 * Loads the SDK when traces are on. To be called before an application makes its modules, which connect while others load: a process that was
 * blocked by its own code took the handshake of its database for too late, and ended.
 */
export async function loadTracing(config: TracingConfig): Promise<void> {
  if (wanted(config)) await loadSdk();
}

/** Traces as the settings say; loads nothing of the SDK when they say no endpoint or that it is disabled. Whoever starts them stops them. */
export async function startTracing(config: TracingConfig, application: Application, metrics: Metrics, logger: Logger): Promise<Tracing> {
  if (!wanted(config)) return Tracing.off();
  return new Tracing(await otlpSink(config, application, new TracesTelemetry(metrics, logger)), config);
}
