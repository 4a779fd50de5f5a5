/** Traces kept in memory: what tests of the seams look at. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { Logger } from '../logger.ts';
import { Metrics } from '../metrics.ts';
import { sinkTo } from './otlp-sink.ts';
import { TracesTelemetry } from './traces.telemetry.ts';
import { Tracing } from './tracing.ts';

export interface RecordedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  /** Span ids. */
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

export interface RecordedTracing {
  readonly tracing: Tracing;
  /** All that ended so far, in the order of their ends. */
  spans(): Promise<readonly RecordedSpan[]>;
}

/** @param sampling default: everything is traced */
export async function recordedTracing(sampling?: ConstructorParameters<typeof Tracing>[1]): Promise<RecordedTracing> {
  const { InMemorySpanExporter } = await import('@opentelemetry/sdk-trace');
  const exporter = new InMemorySpanExporter();
  const names = { OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: {} };
  const sink = await sinkTo(exporter, names, { name: 'veche-test', version: '0' }, new TracesTelemetry(new Metrics(), Logger.silent()));
  const tracing = new Tracing(sink, sampling);
  return {
    tracing,
    spans: async () => {
      await tracing.flush();
      return exporter.getFinishedSpans().map(recorded);
    },
  };
}

const recorded = (span: ReadableSpan): RecordedSpan => ({
  name: span.name,
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parent: span.parentSpanContext?.spanId,
  links: span.links.map(({ context }) => context.spanId),
  attributes: { ...span.attributes },
  failed: span.status.code === 2,
});
