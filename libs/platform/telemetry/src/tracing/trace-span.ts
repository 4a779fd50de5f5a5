/** One timed piece of work in a sampled trace. There are no spans of what is not sampled: their absence is `undefined`. */
import type { Link, Span, SpanContext } from '@opentelemetry/api';
import { spanTime } from './span-clock.ts';
import { parseTraceparent, traceparentOf } from './traceparent.rules.ts';

/** Scalars only: never a body, a credential, or a name of a person. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanOptions {
  /** Default: internal. */
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Traceparents of what else led to this: a batch has many parents. */
  readonly links?: readonly (string | undefined)[];
}

/** Makes spans of the SDK. */
export type Recorder = (name: string, parent: SpanContext | undefined, kind: SpanKind, attributes: Attributes | undefined, links: Link[]) => Span;

const SAMPLED = 1;
/** Beyond it a batch says how many more there were. */
const MAX_LINKS = 64;

export class TraceSpan {
  /** What travels in envelopes to whoever continues the trace. */
  readonly traceparent: string;
  private over = false;

  private constructor(
    private readonly recorder: Recorder,
    private readonly span: Span,
  ) {
    const { traceId, spanId } = span.spanContext();
    this.traceparent = traceparentOf(traceId, spanId);
  }

  /** @param parent traceparent of the work that this is a part of; absent: a new trace */
  static start(recorder: Recorder, name: string, parent: string | undefined, { kind = 'internal', attributes, links = [] }: SpanOptions): TraceSpan {
    const span = new TraceSpan(recorder, recorder(name, contextOf(parent), kind, attributes, linksOf(links)));
    if (links.length > MAX_LINKS) span.set('veche.links_left_out', links.length - MAX_LINKS);
    return span;
  }

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get spanId(): string {
    return this.span.spanContext().spanId;
  }

  get ended(): boolean {
    return this.over;
  }

  child(name: string, options: SpanOptions = {}): TraceSpan {
    return TraceSpan.start(this.recorder, name, this.traceparent, options);
  }

  set(name: string, value: string | number | boolean): void {
    this.span.setAttribute(name, value);
  }

  /** Marks the work as failed by the kind of the error alone: texts of errors quote statements and bodies. Whatever was thrown, it throws nothing. */
  fail(error: unknown): void {
    const { error: name, code } = (error ?? {}) as { readonly error?: unknown; readonly code?: unknown };
    const type = [name, code].find((part) => typeof part === 'string') ?? (error instanceof Error ? error.name : typeof error);
    this.span.setStatus({ code: 2, message: String(type) });
    this.span.setAttribute('error.type', String(type));
  }

  /** Tolerates twice: the first counts. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.span.end(spanTime());
  }
}

function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const parsed = parseTraceparent(traceparent);
  return parsed && { traceId: parsed.traceId, spanId: parsed.spanId, traceFlags: SAMPLED, isRemote: true };
}

const linksOf = (links: SpanOptions['links'] = []): Link[] =>
  links.slice(0, MAX_LINKS).flatMap((link) => {
    const context = contextOf(link);
    return context ? [{ context }] : [];
  });
