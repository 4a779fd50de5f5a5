/** Where spans go: a bounded queue before the OTLP exporter. Loads the SDK, so it is called only when traces are on. */
import { hostname, networkInterfaces } from 'node:os';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Application } from '../application.ts';
import { startSdk } from './node-sdk.ts';
import { spanTime } from './span-clock.ts';
import type { TracesTelemetry } from './traces.telemetry.ts';
import type { Attributes, SpanKind } from './trace-span.ts';
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
export async function sinkTo(exporter: SpanExporter, config: Named, application: Application, telemetry: TracesTelemetry): Promise<SpanSink> {
  const [{ ROOT_CONTEXT, trace }, { BatchSpanProcessor }] = await Promise.all([import('@opentelemetry/api'), import('@opentelemetry/sdk-trace')]);
  const processor = new BatchSpanProcessor({
    exporter: counted(exporter, telemetry),
    maxQueueSize: MAX_QUEUE,
    maxExportBatchSize: EXPORT_SPANS,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const sdk = await startSdk(processor, resourceOf(config, application), application.version);
  return {
    recorder: (name, parent, kind, attributes, links) =>
      sdk.tracer.startSpan(
        name,
        { kind: KINDS[kind], startTime: spanTime(), ...(attributes && { attributes }), links },
        parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
      ),
    flush: () => quietly(processor.forceFlush()),
    stop: () => withinBound(quietly(sdk.shutdown())),
  };
}

type Named = Pick<TracingConfig, 'OTEL_SERVICE_NAME' | 'OTEL_RESOURCE_ATTRIBUTES'>;

const resourceOf = (config: Named, application: Application): Attributes => ({
  'service.name': config.OTEL_SERVICE_NAME || application.name,
  'service.version': application.version,
  'service.instance.id': `${hostname()}-${process.pid}`,
  'host.name': hostname(),
  // Jaeger knows a host by it: spans of two hosts whose clocks differ are moved into their parents, those of one host are left alone.
  ip: addressOf(),
  ...config.OTEL_RESOURCE_ATTRIBUTES,
});

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

async function withinBound(stop: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, STOP_TIMEOUT_MS);
  await Promise.race([stop, late.promise]);
  clearTimeout(timer);
}

/** What could not be exported has been counted and logged. */
const quietly = (act: Promise<void>): Promise<void> => act.catch(() => undefined);
