import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import { Absences } from '../absence/absences.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { type NotificationConfig, notificationConfig } from '../notification.config.ts';
import { NotificationTelemetry } from '../notification.telemetry.ts';
import { Repeating } from './repeating.ts';
import { Sweep } from './sweep.ts';

/** How often the clock is looked at for absences and retries. */
const CLOCK_MS = 500;

/** What happens by the clock and not by an event. Every process does all of it; row locks and leases keep two from doing the same. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly clock: Repeating;
  private readonly sweeping: Repeating;
  private unsubscribe: () => void = () => undefined;

  // allowed: size: one for each thing that has its time
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly sweep: Sweep,
    absences: Absences,
    dispatcher: Dispatcher,
    @Inject(notificationConfig.token) config: NotificationConfig,
    telemetry: NotificationTelemetry,
  ) {
    this.clock = new Repeating(
      async () => {
        await absences.check();
        await dispatcher.recover();
        await sweep.retries();
      },
      (error) => telemetry.failed('sending', error),
      CLOCK_MS,
    );
    this.sweeping = new Repeating(
      () => sweep.pass(),
      (error) => telemetry.failed('sweep', error),
      config.NOTIFICATION_SWEEP_INTERVAL_MS,
    );
  }

  onApplicationBootstrap(): void {
    this.clock.start();
    this.sweeping.start();
    const nothing = (): void => undefined;
    this.unsubscribe = this.bus.subscribe({
      wants: () => false,
      events: nothing,
      signals: nothing,
      advanced: nothing,
      interrupted: () => this.sweeping.soon(),
    });
  }

  /** Returns when nothing of it runs any more; tolerates never started and twice. */
  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    this.sweep.stop();
    await Promise.all([this.clock.stop(), this.sweeping.stop()]);
  }
}
