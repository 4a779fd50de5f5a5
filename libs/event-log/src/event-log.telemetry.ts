import { Injectable } from '@nestjs/common';
import { type CommandEnvelope, type CommandReply, parseChannel } from '@veche/contracts';
import { Logger, Metrics, Tracing } from '@veche/platform-telemetry';
import { BatchTrace } from './owner/batch-trace.ts';
import type { Appended } from './types.ts';

const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200];

/** What the log and the owner loop tell about themselves. */
@Injectable()
export class EventLogTelemetry {
  private readonly logger: Logger;
  private readonly sent;
  private readonly batch;
  private readonly seconds;
  private readonly runs;
  private readonly poison;
  private readonly trimmedEvents;

  constructor(
    metrics: Metrics,
    logger: Logger,
    private readonly tracing: Tracing = Tracing.off(),
  ) {
    this.logger = logger.child('event-log');
    this.sent = metrics.counter({ name: 'veche_messages_sent_total', help: 'Events appended, by kind and namespace.', labelNames: ['type', 'channel'] });
    this.batch = metrics.histogram({ name: 'veche_event_log_batch_commands', help: 'Commands in one transaction of the owner.', buckets: BATCH_BUCKETS });
    this.seconds = metrics.histogram({ name: 'veche_event_log_transaction_seconds', help: 'Time of one transaction of the owner, commit included.' });
    this.runs = metrics.counter({ name: 'veche_event_log_reruns_total', help: 'Transactions run again after a concurrent twin or a deadlock.' });
    this.poison = metrics.counter({ name: 'veche_event_log_poisoned_total', help: 'Commands that failed alone and were refused.', labelNames: ['kind'] });
    this.trimmedEvents = metrics.counter({ name: 'veche_event_log_trimmed_total', help: 'Events removed by the trim.' });
  }

  /** Runs `handle` as the work of the traces that the batch belongs to; of no trace otherwise, whoever woke the queue. */
  async traced(
    batch: readonly CommandEnvelope[],
    attempt: number,
    handle: (trace?: BatchTrace) => Promise<readonly CommandReply[]>,
  ): Promise<readonly CommandReply[]> {
    const trace = BatchTrace.of(this.tracing, batch, attempt);
    if (!trace) return this.tracing.within(undefined, handle);
    try {
      const replies = await this.tracing.within(trace.span, () => handle(trace));
      trace.end(replies);
      return replies;
    } catch (error) {
      trace.end(undefined, error);
      throw error;
    }
  }

  publishing(events: number, publish: () => Promise<void>): Promise<void> {
    return this.tracing.span('publish events', { kind: 'producer', attributes: { 'messaging.batch.message_count': events } }, publish);
  }

  /** Returns what to call after the commit. */
  transaction(commands: number): () => void {
    this.batch.observe(commands);
    return this.seconds.startTimer();
  }

  /** Stored events that were only published again do not count. */
  appended(events: readonly Appended[]): void {
    for (const { fresh, kind, channel } of events) if (fresh) this.sent.inc({ type: kind, channel: parseChannel(channel)?.namespace ?? '' });
  }

  ranAgain(): void {
    this.runs.inc();
  }

  isolated(commands: number, error: unknown): void {
    this.logger.warn({ commands, err: error }, 'a batch failed for one of its commands, handling them one by one');
  }

  poisoned(kind: string, error: unknown): void {
    this.poison.inc({ kind });
    this.logger.error({ kind, err: error }, 'a command failed alone and was refused');
  }

  signalFailed(error: unknown): void {
    this.logger.warn({ err: error }, 'a handler could not make its signals, the event stands');
  }

  trimmed(events: number): void {
    this.trimmedEvents.inc(events);
  }

  trimFailed(error: unknown): void {
    this.logger.warn({ err: error }, 'the trim failed, the next pass tries again');
  }
}
