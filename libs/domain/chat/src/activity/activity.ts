/** Tells members that a thread has moved, off the hot path: at once, then at most once an interval. */
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { Signal } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import { Database } from '@veche/platform-postgres';
import { chatConfig, type ChatConfig } from '../chat.config.ts';
import { ChatTelemetry } from '../chat.telemetry.ts';
import type { ThreadEvent } from '../projection/thread-event.ts';
import { activitySignals } from './activity.repository.ts';

/**
 * Between rounds: each is a query, and a message to every gateway process that wakes it. Without a pause every message of a quiet thread
 * had a round of its own.
 */
const PAUSE_MS = 100;

/**
 * Coalescing loses nothing: a signal carries the thread's position at the moment it is read, and the log is the truth.
 * Bounded by the threads that moved within one interval; a round that fails is dropped, the next message starts another.
 */
@Injectable()
export class Activity implements BeforeApplicationShutdown {
  /** Moved and may be announced now. */
  private due = new Set<string>();
  /** Announced less than an interval ago; true: has moved since. Kept in the order of their announcement. */
  private readonly cooling = new Map<string, { readonly until: number; moved: boolean }>();
  private round: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pausing: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database,
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    @Inject(chatConfig.token) private readonly config: ChatConfig,
    private readonly telemetry: ChatTelemetry,
  ) {}

  /** Returns at once and sends nothing itself: the empty list is the verdict's own signals. */
  note(events: readonly ThreadEvent[]): readonly Signal[] {
    for (const { thread } of events) {
      const cooling = this.cooling.get(thread);
      if (cooling) cooling.moved = true;
      else this.due.add(thread);
    }
    this.start();
    return [];
  }

  /** Returns when the round in flight has ended; tolerates never started and twice. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.pausing);
    await this.round;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  /** One round at a time: threads that move meanwhile make the next one, so a slow database sees fewer and larger rounds. */
  private start(): void {
    if (this.stopped || this.round || this.pausing || this.due.size === 0) return;
    this.round = this.announce().finally(() => {
      this.round = undefined;
      this.pause();
    });
  }

  private pause(): void {
    if (this.stopped) return;
    this.pausing = setTimeout(() => {
      this.pausing = undefined;
      this.start();
    }, PAUSE_MS).unref();
  }

  private async announce(): Promise<void> {
    const threads = [...this.due];
    this.due.clear();
    const until = performance.now() + this.config.CHAT_ACTIVITY_INTERVAL_MS;
    for (const thread of threads) this.cooling.set(thread, { until, moved: false });
    this.wakeAt(until);
    try {
      const signals = await activitySignals(this.database, threads, this.config.CHAT_ACTIVITY_MAX_MEMBERS);
      this.bus.signal(signals);
      this.telemetry.activityAnnounced(signals.length);
    } catch (error) {
      this.telemetry.activityDropped(threads.length, error);
    }
  }

  /** A timer runs exactly while something cools. */
  private wakeAt(until: number): void {
    this.timer ??= setTimeout(() => this.warm(), Math.max(1, until - performance.now())).unref();
  }

  private warm(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [thread, { until, moved }] of this.cooling) {
      if (until > now) {
        this.wakeAt(until);
        break;
      }
      this.cooling.delete(thread);
      if (moved) this.due.add(thread);
    }
    this.start();
  }
}
