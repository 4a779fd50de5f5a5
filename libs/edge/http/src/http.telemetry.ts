import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@veche/platform-telemetry';

/** What the REST edge tells of itself. Routes are labels by their pattern, never by the address asked for. */
@Injectable()
export class HttpTelemetry {
  private readonly log: Logger;
  private readonly requests;
  private readonly durations;

  constructor(metrics: Metrics, logger: Logger) {
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

  /** @param elapsedMs milliseconds since the head was read */
  answered(route: string | undefined, status: number, elapsedMs: number): void {
    this.requests.inc({ route: route ?? 'unknown', status: String(status) });
    this.durations.observe({ route: route ?? 'unknown' }, elapsedMs / 1000);
  }

  failed(route: string | undefined, error: unknown): void {
    this.log.error({ route: route ?? 'unknown', err: error }, 'a request failed for a reason that is ours');
  }
}
