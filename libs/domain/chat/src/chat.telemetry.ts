import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@veche/platform-telemetry';

/** What the chat says about itself. */
@Injectable()
export class ChatTelemetry {
  private readonly logger: Logger;
  private readonly signals;
  private readonly failures;

  constructor(logger: Logger, metrics: Metrics) {
    this.logger = logger.child('chat');
    this.signals = metrics.counter({ name: 'veche_chat_activity_signals_total', help: 'Signals that told a member of activity in a thread.' });
    this.failures = metrics.counter({
      name: 'veche_chat_activity_failures_total',
      help: 'Rounds of activity signals that were dropped because members could not be read.',
    });
  }

  activityAnnounced(signals: number): void {
    this.signals.inc(signals);
  }

  activityDropped(threads: number, err: unknown): void {
    this.failures.inc();
    this.logger.warn({ threads, err }, 'activity of threads was not announced: their members could not be read');
  }
}
