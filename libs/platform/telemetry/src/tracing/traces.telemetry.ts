import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';

/** What the export of spans tells about itself: counted always, logged when it begins to fail and when it works again. */
export class TracesTelemetry {
  private readonly log: Logger;
  private readonly spans;
  private failing = false;

  constructor(metrics: Metrics, logger: Logger) {
    this.log = logger.child('traces');
    this.spans = metrics.counter({ name: 'veche_traces_spans_total', help: 'Spans by what became of them: exported or lost.', labelNames: ['result'] });
  }

  exported(spans: number, error: Error | undefined): void {
    this.spans.inc({ result: error ? 'lost' : 'exported' }, spans);
    if ((error !== undefined) === this.failing) return;
    this.failing = error !== undefined;
    if (error) this.log.warn({ err: error }, 'traces cannot be exported: spans are dropped until they can, nothing else is affected');
    else this.log.info('traces are exported again');
  }
}
