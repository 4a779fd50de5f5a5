/** What is counted and logged about the bus, one method a fact. */
import { Injectable } from '@nestjs/common';
import { Logger, Metrics } from '@veche/platform-telemetry';

export type RefusalReason = 'queue_full' | 'away' | 'silent' | 'hindered' | 'expired' | 'stopping' | 'unroutable' | 'unserialisable';
/** Shapes whose messages a broker delivers one by one. */
export type ConsumedShape = 'request' | 'work';
export type RequestResult = 'ok' | 'refused' | 'error' | 'timeout' | 'unavailable';

@Injectable()
export class MessagingTelemetry {
  private readonly log: Logger;
  private readonly batchSize;
  private readonly inFlight;
  private readonly acked;
  private readonly nacked;
  private readonly refused;
  private readonly unknown;
  private readonly away;
  private readonly silent;
  private readonly share;
  private readonly signals;
  private readonly lost;
  private readonly readers;
  private readonly full;
  private readonly requests;
  private readonly work;
  private readonly consumed;
  private readonly unsettled;
  private readonly turnedAway;
  private readonly breakers;

  constructor(metrics: Metrics, logger: Logger) {
    this.log = logger.child('messaging');
    this.batchSize = metrics.histogram({ name: 'veche_messaging_command_batch_size', help: 'Commands in a batch.', buckets: [1, 2, 5, 10, 20, 50, 100, 200] });
    this.inFlight = metrics.gauge({ name: 'veche_messaging_inflight_commands', help: 'Commands delivered to the owner and not yet answered.' });
    this.acked = metrics.counter({ name: 'veche_messaging_acks_total', help: 'Commands whose batch was processed.' });
    this.nacked = metrics.counter({ name: 'veche_messaging_nacks_total', help: 'Commands whose batch failed and was delivered again.' });
    this.refused = metrics.counter({
      name: 'veche_messaging_commands_refused_total',
      help: 'Commands refused before the owner saw them.',
      labelNames: ['reason'],
    });
    this.unknown = metrics.counter({ name: 'veche_messaging_commands_unknown_total', help: 'Commands whose outcome was reported unknown.' });
    this.away = metrics.gauge({ name: 'veche_messaging_outage', help: 'Whether (1) commands are refused because their owners cannot work.' });
    this.silent = metrics.gauge({
      name: 'veche_messaging_owner_silent',
      help: 'Whether (1) no owner answers what this process sends to the queue.',
      labelNames: ['queue'],
    });
    this.share = metrics.gauge({
      name: 'veche_messaging_command_queues_share',
      help: 'Command queues that are this process to take, of those that all owners share.',
    });
    this.signals = metrics.counter({ name: 'veche_messaging_signals_dropped_total', help: 'Signals dropped because the fan-out had too many waiting.' });
    this.lost = metrics.counter({
      name: 'veche_messaging_fanout_lost_total',
      help: 'Messages to other processes that the fan-out lost on its way out; their events are read from the log.',
    });
    this.readers = metrics.counter({ name: 'veche_messaging_reader_failures_total', help: 'Batches that a reader of the fan-out failed to take.' });
    this.full = metrics.counter({ name: 'veche_messaging_fanout_full_total', help: 'Announcements of events that the fan-out had no room for.' });
    this.requests = metrics.histogram({
      name: 'veche_messaging_request_duration_seconds',
      help: 'From a question to its answer.',
      labelNames: ['kind', 'result'],
    });
    this.work = metrics.counter({ name: 'veche_messaging_work_total', help: 'Attempts at units of work by how they ended.', labelNames: ['class', 'result'] });
    this.consumed = metrics.counter({
      name: 'veche_messaging_deliveries_total',
      help: 'Messages of the broker by how their delivery ended here: ack, nack, or left to be delivered again.',
      labelNames: ['shape', 'result'],
    });
    this.unsettled = metrics.gauge({
      name: 'veche_messaging_inflight_messages',
      help: 'Messages of the broker delivered here and not yet settled.',
      labelNames: ['shape'],
    });
    this.turnedAway = metrics.counter({
      name: 'veche_messaging_requests_turned_away_total',
      help: 'Requests that were not begun: expired in the queue, shed by an overloaded service, or spared by an open breaker.',
      labelNames: ['service', 'reason'],
    });
    this.breakers = metrics.gauge({
      name: 'veche_messaging_breaker_open',
      help: 'Whether (1) this process does not ask the service at the moment.',
      labelNames: ['service'],
    });
    const oldest = (): number => this.oldestCommandMs() / 1000;
    metrics.gauge({
      name: 'veche_messaging_oldest_command_age_seconds',
      help: 'How long the longest waiting command that this process has sent, or is about to, has had no answer; 0: none waits.',
      collect() {
        this.set(oldest());
      },
    });
    this.tell(metrics);
  }

  /** Read by the gauge. */
  oldestCommandMs: () => number = () => 0;

  /** Of the broker where there is one, else of the queues within this process. */
  private tell(metrics: Metrics): void {
    const { pulse } = metrics;
    const either = async (broker: Promise<number>, process: Promise<number>): Promise<number> => (await broker) || process;
    pulse.rate('acks/s', () => either(metrics.total(this.consumed, { result: 'ack' }), metrics.total(this.acked)));
    pulse.rate('nacks/s', () => either(metrics.total(this.consumed, { result: 'nack' }), metrics.total(this.nacked)));
    pulse.value('inflight_messages', () => either(metrics.total(this.unsettled), metrics.total(this.inFlight)));
  }

  batchDelivered(commands: number): void {
    this.batchSize.observe(commands);
    this.inFlight.inc(commands);
  }

  batchDone(commands: number): void {
    this.inFlight.dec(commands);
    this.acked.inc(commands);
  }

  batchFailed(commands: number, attempt: number, cause: unknown): void {
    this.inFlight.dec(commands);
    this.nacked.inc(commands);
    this.log.warn({ commands, attempt, err: cause }, 'a batch of commands failed and is delivered again');
  }

  commandRefused(reason: RefusalReason): void {
    this.refused.inc({ reason });
  }

  outcomeUnknown(commands: number): void {
    this.unknown.inc(commands);
  }

  outage(known: boolean): void {
    this.away.set(known ? 1 : 0);
    if (known) this.log.error({}, 'owners of channels cannot work: commands are refused until they can');
    else this.log.info({}, 'owners of channels can work again');
  }

  ownerSilent(queue: number, silent: boolean): void {
    this.silent.set({ queue: String(queue) }, silent ? 1 : 0);
    if (silent) this.log.error({ queue }, 'a batch of commands was not answered in time: its queue is tried once a second until it is');
    else this.log.info({ queue }, 'commands are answered again');
  }

  queuesShared(active: number): void {
    this.share.set(active);
  }

  bodyRefused(cause: unknown): void {
    this.log.error({ err: cause }, 'a message in a command queue is no batch of commands: it goes to the dead');
  }

  signalsDropped(signals: number): void {
    this.signals.inc(signals);
  }

  fanoutLost(messages: number): void {
    this.lost.inc(messages);
  }

  fanoutFull(cause: unknown): void {
    this.full.inc();
    this.log.error(
      { err: cause },
      'the queue of notifications is full: some connection listens and does not read; readers go by their positions until it is closed',
    );
  }

  readerFailed(cause: unknown): void {
    this.readers.inc();
    this.log.error({ err: cause }, 'a reader of the fan-out threw; its other batches go on');
  }

  requestDone(kind: string, result: RequestResult, milliseconds: number): void {
    this.requests.observe({ kind, result }, milliseconds / 1000);
    const fields = { kind, result_status: result, latency_ms: milliseconds, retry_count: 0 };
    if (result === 'ok' || result === 'refused') this.log.debug(fields, 'request');
    else this.log.info(fields, 'a request was not answered');
  }

  requestFailed(kind: string, cause: unknown): void {
    this.log.error({ kind, err: cause }, 'a request handler failed');
  }

  workDone(kind: string, workClass: string, retries: number, milliseconds: number): void {
    this.work.inc({ class: workClass, result: 'ok' });
    if (this.log.enabled('debug')) this.log.debug({ kind, result_status: 'ok', latency_ms: milliseconds, retry_count: retries }, 'a unit of work was done');
  }

  workRetried(kind: string, workClass: string, attempt: number, delayMs: number, cause: unknown): void {
    this.work.inc({ class: workClass, result: 'retried' });
    this.log.warn({ kind, result_status: 'error', retry_count: attempt, delay_ms: delayMs, err: cause }, 'a unit of work failed and is tried again');
  }

  workDead(kind: string, workClass: string, attempts: number, cause: unknown): void {
    this.work.inc({ class: workClass, result: 'dead' });
    this.log.error({ kind, result_status: 'error', retry_count: attempts - 1, err: cause }, 'a unit of work was given up');
  }

  workLost(units: number): void {
    this.log.warn({ units }, 'units of work waiting for another attempt end with this process');
  }

  workStuck(exchange: string, outcome: string): void {
    this.log.warn({ exchange, outcome }, 'a unit of work could not be moved to its next place and is kept where it is until it can');
  }

  delivered(shape: ConsumedShape): void {
    this.unsettled.inc({ shape });
  }

  settled(shape: ConsumedShape, result: 'ack' | 'nack' | 'left'): void {
    this.unsettled.dec({ shape });
    this.consumed.inc({ shape, result });
  }

  deliveryFailed(queue: string, cause: unknown): void {
    this.log.error({ queue, err: cause }, 'a message could not be handled at all');
  }

  consumerCancelled(queue: string): void {
    this.log.warn({ queue }, 'the broker cancelled a consumer; it declares its queue and consumes again');
  }

  requestExpired(service: string): void {
    this.turnedAway.inc({ service, reason: 'expired' });
  }

  requestShed(service: string): void {
    this.turnedAway.inc({ service, reason: 'overloaded' });
  }

  requestSpared(service: string): void {
    this.turnedAway.inc({ service, reason: 'breaker' });
  }

  breaker(service: string, open: boolean): void {
    this.breakers.set({ service }, open ? 1 : 0);
    if (open) this.log.error({ service }, 'a service does not answer: it is asked again after a pause');
    else this.log.info({ service }, 'a service answers again');
  }
}
