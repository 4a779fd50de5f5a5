import { Injectable } from '@nestjs/common';
import { type ChannelEvent, Notified, type Refusal, type Signal } from '@veche/contracts';
import { Logger, Metrics } from '@veche/platform-telemetry';
import { dataOf } from './decision.ts';

/** What notices say about themselves. */
@Injectable()
export class NotificationTelemetry {
  private readonly logger: Logger;
  private readonly given;
  private readonly events;
  private readonly failures;
  private readonly found;
  private readonly waits;
  private readonly refusals;
  private readonly dropped;

  constructor(logger: Logger, metrics: Metrics) {
    this.logger = logger.child('notification');
    this.given = metrics.counter({ name: 'veche_notification_notices_total', help: 'Notices given.', labelNames: ['kind'] });
    this.events = metrics.counter({ name: 'veche_notification_events_followed_total', help: 'Events of logs that were followed.' });
    this.failures = metrics.counter({
      name: 'veche_notification_failures_total',
      help: 'Times that following, sending or sweeping failed and was left for another attempt.',
      labelNames: ['what'],
    });
    this.found = metrics.counter({ name: 'veche_notification_sweep_found_total', help: 'Logs that the sweep found ahead of what was followed: lost hints.' });
    this.waits = metrics.counter({ name: 'veche_notification_postponed_total', help: 'Notices that could not be sent and wait for another attempt.' });
    this.refusals = metrics.counter({ name: 'veche_notification_refused_total', help: 'Notices that the owner of the inbox refused: handed to work.' });
    this.dropped = metrics.counter({
      name: 'veche_notification_events_skipped_total',
      help: 'Events that could not be understood or followed and were passed over.',
    });
  }

  /** After the commit; sends nothing: the empty list is the verdict's own signals. */
  noticesGiven(events: readonly ChannelEvent[]): readonly Signal[] {
    for (const event of events) this.given.inc({ kind: dataOf(Notified, event).kind });
    return [];
  }

  followed(events: number): void {
    this.events.inc(events);
  }

  failed(what: 'following' | 'sending' | 'sweep', err: unknown): void {
    this.failures.inc({ what });
    this.logger.warn({ what, err }, 'notices are late: an attempt failed and comes again');
  }

  swept(behind: number): void {
    this.found.inc(behind);
  }

  postponed(notices: number): void {
    this.waits.inc(notices);
  }

  refused(what: string, { error, message }: Refusal): void {
    this.refusals.inc();
    this.logger.error({ what, error, reason: message }, 'a notice was refused by the owner of the inbox; work tries it again');
  }

  passedOver(channel: string, seq: number, err: unknown): void {
    this.dropped.inc();
    this.logger.error({ channel, seq, err }, 'an event could not be followed and is passed over; it is work now');
  }

  unreadable(channel: string, events: number): void {
    if (events === 0) return;
    this.dropped.inc(events);
    this.logger.error({ channel, events }, 'events of a thread or inbox do not fit their schema and notify nobody');
  }
}
