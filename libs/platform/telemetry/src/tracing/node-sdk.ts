/** Starts the OpenTelemetry SDK with traces alone: no patched library, no metrics, no logs, no globals that stay. */
import type { ContextManager, Tracer } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Attributes } from './trace-span.ts';

export interface StartedSdk {
  readonly tracer: Tracer;
  /** Ends the processor, so it sends what waits. */
  shutdown(): Promise<void>;
}

/** Evaluating it blocks the process for 300 ms, on a loaded machine for more than a second. */
export const loadSdk = () =>
  Promise.all([import('@opentelemetry/api'), import('@opentelemetry/sdk-node'), import('@opentelemetry/sdk-trace'), import('@opentelemetry/resources')]);

/**
 * Everything is said here and nothing left to the SDK's reading of the environment: what it does not find it takes as "export metrics and logs, too".
 * @param resource what is said of this process in every span
 */
export async function startSdk(processor: SpanProcessor, resource: Attributes, version: string): Promise<StartedSdk> {
  const [{ diag, logs, trace }, { NodeSDK }, { AlwaysOnSampler }, { resourceFromAttributes }] = await loadSdk();
  const sdk = new NodeSDK({
    spanProcessors: [processor],
    // Everything that reaches the SDK was sampled before.
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes(resource),
    autoDetectResources: false,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: null,
    // The flow of a span is kept by `Tracing`; a second AsyncLocalStorage would be paid by every promise. Its type knows no null, start() does.
    contextManager: null as unknown as ContextManager,
  });
  // With OTEL_LOG_LEVEL it has made itself a logger that writes lines for people between our JSON.
  diag.disable();
  // The SDK gives its tracer away only as the global one; what a process started before must not be taken for it.
  trace.disable();
  sdk.start();
  const tracer = trace.getTracer('veche', version);
  // And it must not stay: a library that speaks to the global API would have a trace of its own for each of its calls.
  trace.disable();
  logs.disable();
  return { tracer, shutdown: () => sdk.shutdown() };
}
