/** Structured logs: JSON, one record a line, on standard output. */
import { Inject, Injectable } from '@nestjs/common';
import { pino, stdSerializers } from 'pino';
import { prettyDestination } from './pretty.ts';
import { REDACTED, withoutCredentials } from './redaction.ts';
import { telemetryConfig, type TelemetryConfig } from './telemetry.config.ts';
import { currentSpan } from './tracing/tracing.ts';

type LoggerConfig = Pick<TelemetryConfig, 'LOG_LEVEL' | 'LOG_PRETTY'>;

/** Names of fields are snake_case; no bodies, no credentials, no user ids in clear. */
export type Fields = Readonly<Record<string, unknown>>;

export type Severity = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

interface Sink {
  write(line: string): unknown;
}

/** Logs facts; the business facts themselves live in `<module>.telemetry.ts`, one method each. */
@Injectable()
export class Logger {
  /** Children are made from it: a child of a child has one module, not two of the same key. */
  private readonly root: pino.Logger;
  private readonly pino: pino.Logger;

  constructor(@Inject(telemetryConfig.token) config: LoggerConfig) {
    this.root = this.pino = pinoFor(config, process.stdout);
  }

  /** A logger that writes to `sink`, for tests and for what runs before the configuration is known. */
  static to(sink: Sink, config: Partial<LoggerConfig> = {}): Logger {
    return Logger.over(pinoFor({ LOG_LEVEL: 'info', LOG_PRETTY: false, ...config }, sink));
  }

  static silent(): Logger {
    return Logger.over(pino({ level: 'silent' }));
  }

  private static over(instance: pino.Logger, root = instance): Logger {
    return Object.assign(Object.create(Logger.prototype) as Logger, { pino: instance, root });
  }

  /** A logger whose records carry the module's name. */
  child(module: string, fields: Fields = {}): Logger {
    return Logger.over(this.root.child({ module, ...fields }), this.root);
  }

  debug(fields: Fields | string, text?: string): void {
    this.write('debug', fields, text);
  }

  info(fields: Fields | string, text?: string): void {
    this.write('info', fields, text);
  }

  warn(fields: Fields | string, text?: string): void {
    this.write('warn', fields, text);
  }

  error(fields: Fields | string, text?: string): void {
    this.write('error', fields, text);
  }

  fatal(fields: Fields | string, text?: string): void {
    this.write('fatal', fields, text);
  }

  /** Whether a record of this level would be written: spares building costly fields. */
  enabled(level: Severity): boolean {
    return this.pino.isLevelEnabled(level);
  }

  private write(level: Severity, fields: Fields | string, text?: string): void {
    if (typeof fields === 'string') this.pino[level](fields);
    else this.pino[level](fields, text);
  }
}

function pinoFor({ LOG_LEVEL, LOG_PRETTY }: LoggerConfig, sink: Sink): pino.Logger {
  const options: pino.LoggerOptions = {
    level: LOG_LEVEL,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: cleanError, error: cleanError },
    hooks: { logMethod: cleanText },
    mixin: traceFields,
  };
  if (LOG_PRETTY) return pino(options, prettyDestination(sink));
  // Synchronous on purpose: the last record before a crash is the one that matters, and hot paths do not log.
  return sink === process.stdout ? pino(options, pino.destination({ fd: 1, sync: true })) : pino(options, { write: (line) => void sink.write(line) });
}

/** Of the trace that this flow of execution works for, if there is one. */
function traceFields(): object {
  const span = currentSpan();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

function cleanError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, code } = stdSerializers.err(error) as { type: string; message: string; stack: string; code?: unknown };
  // Only these: drivers hang statements, parameters and whole sockets on their errors.
  return { type, message: withoutCredentials(message), stack: withoutCredentials(stack), ...(code !== undefined && { code }) };
}

function cleanText(this: pino.Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const last = args.length - 1;
  const text: unknown = args[last];
  if (typeof text === 'string') (args as unknown[])[last] = withoutCredentials(text);
  method.apply(this, args);
}
