/** What is counted and logged about connections and channels to the broker, one method a fact. */
import { Injectable } from '@nestjs/common';
import { Logger, Metrics, withoutCredentials } from '@veche/platform-telemetry';

@Injectable()
export class RabbitMqTelemetry {
  private readonly log: Logger;
  private readonly connected;
  private readonly blocked;
  private readonly lost;
  private readonly publishes;

  constructor(metrics: Metrics, logger: Logger) {
    this.log = logger.child('rabbitmq');
    this.connected = metrics.gauge({
      name: 'veche_messaging_broker_connected',
      help: 'Whether (1) the connection to the broker is open.',
      labelNames: ['connection'],
    });
    this.blocked = metrics.gauge({ name: 'veche_messaging_broker_blocked', help: 'Whether (1) the broker takes nothing because of an alarm.' });
    this.lost = metrics.counter({
      name: 'veche_messaging_channels_lost_total',
      help: 'AMQP channels that ended unasked and were opened anew.',
      labelNames: ['channel'],
    });
    this.publishes = metrics.counter({
      name: 'veche_messaging_publishes_total',
      help: 'Messages to the broker by outcome: confirmed, returned (no queue took it), unknown.',
      labelNames: ['outcome'],
    });
  }

  connectionOpened(connection: string, url: string, version: string): void {
    this.connected.set({ connection }, 1);
    this.log.info({ connection, url: withoutCredentials(url), version }, 'connected to RabbitMQ');
  }

  connectionFailed(connection: string, cause: unknown): void {
    this.log.warn({ connection, err: cause }, 'RabbitMQ cannot be reached; trying on');
  }

  connectionLost(connection: string, cause: unknown): void {
    this.connected.set({ connection }, 0);
    this.log.warn({ connection, err: cause }, 'the connection to RabbitMQ was lost');
  }

  connectionBlocked(reason: string | undefined): void {
    this.blocked.set(reason === undefined ? 0 : 1);
    if (reason === undefined) this.log.info({}, 'RabbitMQ takes messages again');
    else this.log.error({ reason }, 'RabbitMQ takes no messages because of an alarm: commands, requests and work are refused until it is over');
  }

  channelLost(channel: string, cause: unknown): void {
    this.lost.inc({ channel });
    this.log.warn({ channel, err: cause }, 'a channel to RabbitMQ ended and is opened anew');
  }

  channelRefused(channel: string, cause: unknown): void {
    this.log.error({ channel, err: cause }, 'a channel to RabbitMQ could not be set up; trying on');
  }

  published(outcome: 'confirmed' | 'returned' | 'unknown', messages = 1): void {
    this.publishes.inc({ outcome }, messages);
  }

  unroutable(exchange: string, routingKey: string): void {
    this.log.error({ exchange, key: routingKey }, 'a message was returned: no queue takes it');
  }
}
