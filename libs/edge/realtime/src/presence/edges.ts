import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type ClientInfo, JOINED, LEFT, type Signal } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';

/** Comings and goings of one channel are told at most so often. */
const BATCH_MS = 1_000;

/** One user on one channel. */
interface Whereabouts {
  sessions: number;
  info: ClientInfo;
  /** Others were told that the user is here. */
  told: boolean;
  /** When to tell that the user has left, unless back by then; 0: is here. */
  leaveAt: number;
}

/**
 * Tells a thread of a user's first session and of the end of the last one, the latter with a delay: reloads, drains and changes
 * of network cause nothing. One timer for all, running only while somebody is on the way in or out.
 */
@Injectable()
export class Edges implements OnApplicationShutdown {
  private readonly channels = new Map<string, Map<string, Whereabouts>>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_LEAVE_DELAY_MS'>,
  ) {}

  joined(channel: string, info: ClientInfo): void {
    let users = this.channels.get(channel);
    if (!users) this.channels.set(channel, (users = new Map()));
    const known = users.get(info.user);
    if (known) {
      known.sessions++;
      known.leaveAt = 0;
    } else users.set(info.user, { sessions: 1, info, told: false, leaveAt: 0 });
    if (!known?.told) this.change(channel);
  }

  left(channel: string, info: ClientInfo): void {
    const known = this.channels.get(channel)?.get(info.user);
    if (!known || --known.sessions > 0) return;
    known.leaveAt = performance.now() + this.config.GATEWAY_LEAVE_DELAY_MS;
    this.change(channel);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private change(channel: string): void {
    this.changed.add(channel);
    this.timer ??= setInterval(() => this.tell(), BATCH_MS).unref();
  }

  private tell(): void {
    const signals = [...this.changed].flatMap((channel) => this.batch(channel));
    if (signals.length > 0) this.bus.signal(signals);
    if (this.changed.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** What is to be told of a channel now; the channel stays marked while somebody's leave is still delayed. */
  private batch(channel: string): Signal[] {
    const users = this.channels.get(channel)!;
    const signals: Signal[] = [];
    let delayed = false;
    for (const [user, known] of users) {
      if (known.sessions > 0 && !known.told) {
        known.told = true;
        signals.push(signalOf(channel, JOINED, known.info));
      } else if (known.sessions === 0 && known.leaveAt <= performance.now()) {
        users.delete(user);
        if (known.told) signals.push(signalOf(channel, LEFT, known.info));
      } else if (known.sessions === 0) delayed = true;
    }
    if (!delayed) this.changed.delete(channel);
    if (users.size === 0) this.channels.delete(channel);
    return signals;
  }
}

const signalOf = (channel: string, kind: string, info: ClientInfo): Signal => ({ channel, kind, actor: info.user, data: JSON.stringify(info), meta: null });
