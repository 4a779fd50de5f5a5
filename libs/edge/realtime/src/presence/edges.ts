import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type ClientInfo, JOINED, LEFT, type Signal } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { type Arrival, Transitions } from './transitions.ts';

/** Comings and goings of one channel are told at most so often; of a large one less often, or they would outweigh its messages. */
const BATCH_MS = 1_000;
const LARGE = 100;
const LARGE_BATCH_MS = 5_000;
/** Longer than Redis takes to come back and heal; a process that remembered leaves for ever would grow without a bound. */
const UNKNOWN_MS = 30_000;

/** One user on one channel. */
interface Whereabouts {
  sessions: number;
  info: ClientInfo;
  /** The cluster counts the user as here. */
  here: boolean;
  /** When to say that the user has left, unless back by then; 0: is here. */
  leaveAt: number;
}

interface Populace {
  readonly users: Map<string, Whereabouts>;
  /** Nothing is told before. */
  notBefore: number;
}

/**
 * Tells a thread of a user's first session and of the end of the last one, over all processes, the latter with a delay: reloads, drains
 * and changes of network cause nothing. One timer for all, running only while somebody is on the way in or out.
 */
@Injectable()
export class Edges implements OnApplicationShutdown {
  private readonly channels = new Map<string, Populace>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private telling = false;

  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_LEAVE_DELAY_MS'>,
    private readonly transitions: Transitions,
  ) {
    transitions.listen(
      (gone) => this.bus.signal([signalOf(LEFT, gone)]),
      (returned) => this.bus.signal([signalOf(JOINED, returned)]),
      () => this.present(),
    );
  }

  joined(channel: string, info: ClientInfo): void {
    let populace = this.channels.get(channel);
    if (!populace) this.channels.set(channel, (populace = { users: new Map(), notBefore: 0 }));
    const known = populace.users.get(info.user);
    if (known) {
      known.sessions++;
      known.leaveAt = 0;
    } else populace.users.set(info.user, { sessions: 1, info, here: false, leaveAt: 0 });
    if (!known?.here) this.change(channel);
  }

  left(channel: string, info: ClientInfo): void {
    const known = this.channels.get(channel)?.users.get(info.user);
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
    this.timer ??= setInterval(() => void this.tell(), BATCH_MS).unref();
  }

  /** One round at a time: a slow Redis must not be asked again before it has answered. */
  private async tell(): Promise<void> {
    if (this.telling) return;
    this.telling = true;
    try {
      const due = [...this.changed].filter((channel) => this.isDue(channel));
      const signals = [...(await this.comings(due)), ...(await this.goings(due))];
      if (signals.length > 0) this.bus.signal(signals);
      for (const channel of due) this.settle(channel);
    } finally {
      this.telling = false;
    }
    if (this.changed.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async comings(channels: readonly string[]): Promise<Signal[]> {
    const coming = this.find(channels, ({ sessions, here }) => sessions > 0 && !here);
    for (const { known } of coming) known.here = true;
    const first = await this.transitions.enter(coming);
    return coming.filter((_, index) => first[index]).map((arrival) => signalOf(JOINED, arrival));
  }

  private async goings(channels: readonly string[]): Promise<Signal[]> {
    const now = performance.now();
    const going = this.find(channels, ({ sessions, here, leaveAt }) => sessions === 0 && here && leaveAt <= now);
    const answers = await this.transitions.leave(going);
    return going.flatMap((arrival, index) => {
      const { known } = arrival;
      if (answers[index] === 'unknown' && now - known.leaveAt < UNKNOWN_MS) return [];
      // Whoever came back meanwhile enters anew in the next round.
      known.here = false;
      return answers[index] === 'elsewhere' ? [] : [signalOf(LEFT, arrival)];
    });
  }

  private find(channels: readonly string[], is: (known: Whereabouts) => boolean): (Arrival & { readonly known: Whereabouts })[] {
    return channels.flatMap((channel) => [...this.channels.get(channel)!.users.values()].filter(is).map((known) => ({ channel, info: known.info, known })));
  }

  private isDue(channel: string): boolean {
    const populace = this.channels.get(channel)!;
    const now = performance.now();
    if (now < populace.notBefore) return false;
    if (populace.users.size > LARGE) populace.notBefore = now + LARGE_BATCH_MS;
    return true;
  }

  /** Forgets who is gone; a channel stays marked while anybody's coming or going is still to be told. */
  private settle(channel: string): void {
    const { users } = this.channels.get(channel)!;
    let waiting = false;
    for (const [user, { sessions, here, leaveAt }] of users) {
      if (sessions > 0) waiting ||= !here;
      else if (!here && leaveAt <= performance.now()) users.delete(user);
      else waiting = true;
    }
    if (!waiting) this.changed.delete(channel);
    if (users.size === 0) this.channels.delete(channel);
  }

  private *present(): Generator<Arrival> {
    for (const [channel, { users }] of this.channels) for (const { here, info } of users.values()) if (here) yield { channel, info };
  }
}

const signalOf = (kind: string, { channel, info }: Arrival): Signal => ({ channel, kind, actor: info.user, data: JSON.stringify(info), meta: null });
