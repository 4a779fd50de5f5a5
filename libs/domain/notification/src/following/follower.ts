import { setTimeout as passed } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { EVENT_BUS, type EventBus, type MessagingConfig, messagingConfig } from '@veche/platform-messaging';
import { delayOf } from '../dispatch/command.rules.ts';
import { type NotificationConfig, notificationConfig } from '../notification.config.ts';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { Hints } from './hints.ts';
import { Rounds } from './rounds.ts';

/** Follows the logs of threads and inboxes as the fan-out hints at them, one round at a time: while it runs, the next one collects. */
@Injectable()
export class Follower implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private unsubscribe: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private failures = 0;

  // allowed: size: where hints come from, what they become, and the settings of both
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly hints: Hints,
    private readonly rounds: Rounds,
    @Inject(notificationConfig.token) private readonly config: NotificationConfig,
    @Inject(messagingConfig.token) private readonly messaging: Pick<MessagingConfig, 'RPC_RETRY_DELAYS_MS'>,
    private readonly telemetry: NotificationTelemetry,
  ) {}

  onApplicationBootstrap(): void {
    this.hints.onNoted = () => this.start();
    this.unsubscribe = this.bus.subscribe({
      wants: (channel) => channel.startsWith('thread:') || channel.startsWith('user:'),
      events: (batch) => this.hints.events(batch),
      signals: () => undefined,
      advanced: (heads) => this.hints.heads(heads),
      // The sweep finds what was missed.
      interrupted: () => undefined,
    });
  }

  /** Returns when the round in flight has ended; tolerates never started and twice. */
  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    this.stopping.abort();
    await this.running;
  }

  private start(): void {
    if (this.stopping.signal.aborted) return;
    this.running ??= this.follow().finally(() => {
      this.running = undefined;
      if (this.hints.size > 0) this.start();
    });
  }

  private async follow(): Promise<void> {
    // What is published in this turn of the loop goes into one round.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.hints.size > 0 && !this.stopping.signal.aborted) {
      const began = performance.now();
      await this.next();
      await this.pause(this.config.NOTIFICATION_ROUND_INTERVAL_MS - (performance.now() - began));
    }
  }

  private async next(): Promise<void> {
    const taken = this.hints.take(this.config.NOTIFICATION_ROUND_CHANNELS);
    try {
      this.hints.heads(await this.rounds.run(taken));
      this.failures = 0;
    } catch (error) {
      this.telemetry.failed('following', error);
      this.hints.heads(taken.map(({ channel, head, epoch }) => ({ channel, seq: head, epoch })));
      await this.pause(delayOf(this.messaging.RPC_RETRY_DELAYS_MS, ++this.failures));
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await passed(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
