export { telemetryConfig, type TelemetryConfig } from './telemetry.config.ts';
export { type Fields, Logger } from './logger.ts';
export { NestLogger } from './nest-logger.ts';
export { LATENCY_BUCKETS, Metrics } from './metrics.ts';
export { withoutCredentials } from './redaction.ts';
export { TelemetryModule } from './telemetry.module.ts';
export { type Attributes, type SpanKind, type SpanOptions, TraceSpan } from './tracing/trace-span.ts';
export { Tracing } from './tracing/tracing.ts';
export { type RecordedSpan, type RecordedTracing, recordedTracing } from './tracing/recorded-tracing.ts';
