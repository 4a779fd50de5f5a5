import { Injectable } from '@nestjs/common';
import { Logger, Metrics, Tracing } from '@veche/platform-telemetry';
import type { HttpRoute } from './server/route.ts';

/** What the REST edge tells of itself. Routes are labels by their pattern, never by the address asked for. */
@Injectable()
export class HttpTelemetry {
  private readonly log: Logger;
  private readonly requests;
  private readonly durations;

  constructor(
    metrics: Metrics,
    logger: Logger,
    private readonly tracing: Tracing = Tracing.off(),
  ) {
    this.log = logger.child('http');
    this.requests = metrics.counter({
      name: 'veche_http_requests_total',
      help: 'HTTP requests answered, by route and status',
      labelNames: ['route', 'status'],
    });
    this.durations = metrics.histogram({
      name: 'veche_http_request_duration_seconds',
      help: 'Time to answer an HTTP request, by route',
      labelNames: ['route'],
    });
  }

  /** Runs the handling of a request as a trace of its own, or as a part of the caller's; untraced, just so. */
  traced<T>(route: HttpRoute, traceparent: unknown, handle: () => Promise<T>): Promise<T> {
    const span = this.tracing.receive(`${route.verb} ${route.path}`, typeof traceparent === 'string' ? traceparent : undefined);
    return this.tracing.during(span, handle);
  }

  /** @param elapsedMs milliseconds since the head was read */
  answered(route: string | undefined, status: number, elapsedMs: number): void {
    this.requests.inc({ route: route ?? 'unknown', status: String(status) });
    this.durations.observe({ route: route ?? 'unknown' }, elapsedMs / 1000);
  }

  failed(route: string | undefined, error: unknown): void {
    this.log.error({ route: route ?? 'unknown', err: error }, 'a request failed for a reason that is ours');
  }
}
