/**
 * The SDK behind `Tracing`, loaded only when traces are on: it costs 25 MB and 90 ms. Made from its parts and not by NodeSDK, which
 * brings the exporters of every protocol (43 MB, 230 ms) and nothing else that is used here.
 */
import { hostname, networkInterfaces } from 'node:os';
import type { ReadableSpan, SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Application } from '../application.ts';
import { spanTime } from './span-clock.ts';
import type { TracesTelemetry } from './traces.telemetry.ts';
import type { SpanKind } from './trace-span.ts';
import type { SpanSink } from './tracing.ts';
import type { TracingConfig } from './tracing.config.ts';

/** Spans that wait; further ones are dropped: a collector that is away must not cost memory. */
const MAX_QUEUE = 4096;
const EXPORT_SPANS = 512;
const EXPORT_EVERY_MS = 1000;
/** For one export with its retries, and for a stop in all. */
const EXPORT_TIMEOUT_MS = 5000;
const STOP_TIMEOUT_MS = 2000;

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 };

export async function otlpSink(config: TracingConfig, application: Application, telemetry: TracesTelemetry): Promise<SpanSink> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const exporter = new OTLPTraceExporter({
    url: `${config.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...config.OTEL_EXPORTER_OTLP_HEADERS },
    timeoutMillis: EXPORT_TIMEOUT_MS,
    // A stop exports the whole queue at once; beyond the limit an export fails without being tried.
    concurrencyLimit: Math.ceil(MAX_QUEUE / EXPORT_SPANS) + 1,
  });
  return sinkTo(exporter, config, application, telemetry);
}

/** Over any exporter: tests keep the spans in memory. */
export async function sinkTo(
  exporter: SpanExporter,
  config: Pick<TracingConfig, 'OTEL_SERVICE_NAME' | 'OTEL_RESOURCE_ATTRIBUTES'>,
  application: Application,
  telemetry: TracesTelemetry,
): Promise<SpanSink> {
  const [{ ROOT_CONTEXT, trace }, { AlwaysOnSampler, BatchSpanProcessor, TracerProvider }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
  ]);
  const processor = new BatchSpanProcessor({
    exporter: counted(exporter, telemetry),
    maxQueueSize: MAX_QUEUE,
    maxExportBatchSize: EXPORT_SPANS,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    // Everything that reaches the SDK was sampled before.
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': config.OTEL_SERVICE_NAME || application.name,
      'service.version': application.version,
      'service.instance.id': `${hostname()}-${process.pid}`,
      'host.name': hostname(),
      // Jaeger knows a host by it: spans of two hosts whose clocks differ are moved into their parents, those of one host are left alone.
      ip: addressOf(),
      ...config.OTEL_RESOURCE_ATTRIBUTES,
    }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('veche', application.version);
  return {
    recorder: (name, parent, kind, attributes, links) =>
      tracer.startSpan(
        name,
        { kind: KINDS[kind], startTime: spanTime(), ...(attributes && { attributes }), links },
        parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
      ),
    flush: () => quietly(provider.forceFlush({ timeoutMillis: EXPORT_TIMEOUT_MS })),
    stop: () => stopped(provider),
  };
}

const addressOf = (): string =>
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.1';

/** An exporter fails by telling, never by throwing; the spans of a failed export are gone. */
const counted = (exporter: SpanExporter, telemetry: TracesTelemetry): SpanExporter => ({
  export: (spans: ReadableSpan[], done) =>
    exporter.export(spans, (result) => {
      telemetry.exported(spans.length, result.code === 0 ? undefined : (result.error ?? new Error('the export failed')));
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: async () => exporter.forceFlush?.(),
});

async function stopped(provider: TracerProvider): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, STOP_TIMEOUT_MS);
  await Promise.race([quietly(provider.shutdown()), late.promise]);
  clearTimeout(timer);
}

/** What could not be exported has been counted and logged. */
const quietly = (act: Promise<void>): Promise<void> => act.catch(() => undefined);
