/** Traces of one application: spans made by hand at the seams, carried by `traceparent`, current within an asynchronous flow. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Sampling } from './sampling.ts';
import { type Recorder, type SpanOptions, TraceSpan } from './trace-span.ts';
import { parseTraceparent } from './traceparent.rules.ts';
import type { TracingConfig } from './tracing.config.ts';

/** What spans become; `flush` and `stop` never reject. */
export interface SpanSink {
  readonly recorder: Recorder;
  flush(): Promise<void>;
  /** Sends what waits, for a bounded time. */
  stop(): Promise<void>;
}

/** A context outlives its work (timers, pooled connections): a span that has ended is nobody's parent. */
const current = new AsyncLocalStorage<TraceSpan | undefined>();

/** The span that this flow of execution works for; undefined: not traced. */
export function currentSpan(): TraceSpan | undefined {
  const span = current.getStore();
  return span?.ended ? undefined : span;
}

/**
 * Off, every method is a comparison and a call. On, what is not sampled costs a random number at the door and a look at the current
 * context at each seam behind it (docs/observability.md has the figures).
 */
export class Tracing {
  private readonly sampling: Sampling | undefined;

  constructor(
    private readonly sink?: SpanSink,
    config: Pick<TracingConfig, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG' | 'TRACE_CLIENT_PER_SECOND'> = {
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_TRACES_SAMPLER_ARG: 1,
      TRACE_CLIENT_PER_SECOND: 1000,
    },
  ) {
    this.sampling = sink && new Sampling(config);
  }

  /** For tests, and for whatever runs without an application. */
  static off(): Tracing {
    return new Tracing();
  }

  get on(): boolean {
    return this.sink !== undefined;
  }

  /**
   * Where a client's frame or request comes in: the only place that decides whether there is a trace.
   * @param traceparent of the client, as it came; anything malformed counts as none
   */
  receive(name: string, traceparent: string | undefined, options: SpanOptions = {}): TraceSpan | undefined {
    if (!this.sink) return undefined;
    const client = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    if (!this.sampling!.takes(client)) return undefined;
    return TraceSpan.start(this.sink.recorder, name, client && traceparent, { kind: 'server', ...options });
  }

  /** A part of the work that `traceparent` names; undefined without it. */
  continueFrom(traceparent: string | undefined, name: string, options: SpanOptions = {}): TraceSpan | undefined {
    if (!this.sink || traceparent === undefined) return undefined;
    return TraceSpan.start(this.sink.recorder, name, traceparent, options);
  }

  /** Of the current flow; undefined: not traced. */
  get current(): TraceSpan | undefined {
    return this.sink && currentSpan();
  }

  /** Runs `fn` with `span` as the current one, or with none: queues and pools run work of many in the context of whoever woke them. */
  within<T>(span: TraceSpan | undefined, fn: () => T): T {
    if (!this.sink) return fn();
    return span === current.getStore() ? fn() : current.run(span, fn);
  }

  /** Runs `fn` as a part of the current work and ends with it; just `fn()` when nothing is traced. */
  span<T>(name: string, options: SpanOptions, fn: (span?: TraceSpan) => Promise<T>): Promise<T> {
    const parent = this.current;
    return parent ? this.during(parent.child(name, options), fn) : fn();
  }

  /** Runs `fn` within `span` and ends the span with it, marked failed if it throws. */
  during<T>(span: TraceSpan | undefined, fn: (span?: TraceSpan) => Promise<T>): Promise<T> {
    return span ? this.timed(span, fn) : this.within(undefined, fn);
  }

  async flush(): Promise<void> {
    await this.sink?.flush();
  }

  async stop(): Promise<void> {
    await this.sink?.stop();
  }

  private async timed<T>(span: TraceSpan, fn: (span?: TraceSpan) => Promise<T>): Promise<T> {
    try {
      return await this.within(span, () => fn(span));
    } catch (error) {
      span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  }
}
