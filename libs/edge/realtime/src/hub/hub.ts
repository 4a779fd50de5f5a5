import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type ChannelEvent, isInternalChannel, type Signal, ThreadCreated } from '@veche/contracts';
import { EVENT_BUS, type EventBus, type FanoutReader, type Head } from '@veche/platform-messaging';
import { Turn } from '../delivery/turn.ts';
import { GrantCache } from '../grants/grant-cache.ts';
import { Channels } from './channels.ts';
import type { ChannelState } from './channel-state.ts';
import { Filler } from './filler.ts';
import { judge } from './seq-gate.rules.ts';

/**
 * Reads the fan-out of the whole cluster and forwards what local sessions subscribe to, in order and without holes.
 * The fan-out may lose, repeat and reorder; a subscriber still sees 1, 2, 3 …
 */
@Injectable()
export class Hub implements FanoutReader, OnModuleInit, OnApplicationShutdown {
  /** Set by whoever cuts subscriptions: an event of the channel that may end some, with whether it is the next in order. */
  onMembership: (state: ChannelState | undefined, event: ChannelEvent, fresh: boolean) => void = () => {};
  private unsubscribe: (() => void) | undefined;
  /** What processes say to each other, by internal channel. */
  private readonly internal = new Map<string, ((signal: Signal) => void)[]>();
  private readonly afterInterruption: (() => void)[] = [];

  // allowed: size: what is asked for every record of the cluster, without a hop between
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly channels: Channels,
    private readonly filler: Filler,
    private readonly grants: GrantCache,
    private readonly turn: Turn,
  ) {}

  onModuleInit(): void {
    this.filler.accept = (event) => this.event(event);
    this.unsubscribe = this.bus.subscribe(this);
  }

  async onApplicationShutdown(): Promise<void> {
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  /** Signals of an internal channel go to this listener, which must not throw. The hub is the only reader of a process: each one more costs every record. */
  listen(channel: string, listener: (signal: Signal) => void): void {
    const others = this.internal.get(channel);
    if (others) others.push(listener);
    else this.internal.set(channel, [listener]);
  }

  /** Anything that came by signals alone may have been missed. */
  onInterrupted(listener: () => void): void {
    this.afterInterruption.push(listener);
  }

  /** Asked for every record of the cluster. Channels with remembered grants count: a membership event must void them. */
  wants(channel: string): boolean {
    return isInternalChannel(channel) ? this.internal.has(channel) : this.channels.has(channel) || this.grants.knows(channel);
  }

  events(batch: readonly ChannelEvent[]): void {
    for (const event of batch) this.event(event);
  }

  signals(batch: readonly Signal[]): void {
    for (const signal of batch) {
      if (isInternalChannel(signal.channel)) for (const listener of this.internal.get(signal.channel) ?? []) listener(signal);
      else this.signal(signal);
    }
  }

  /** Of a fan-out that carries no events: what may have been a change of members voids what is remembered of the channel. */
  advanced(heads: readonly Head[]): void {
    for (const { channel, seq } of heads) {
      const state = this.channels.get(channel);
      // Held and open it is read, and the events say what has changed; a position that is being read may be beyond this one already.
      if (!state?.durable || state.opening) this.grants.drop(channel);
      if (!state?.durable) continue;
      if (state.opening) state.wanted = Math.max(state.wanted, seq);
      else this.filler.gap(state, seq, true);
    }
  }

  interrupted(): void {
    this.filler.checkAllSoon();
    for (const listener of this.afterInterruption) listener();
  }

  /** One event from anywhere: the fan-out, or a page of the log. */
  event(event: ChannelEvent): void {
    const state = this.channels.get(event.channel);
    if (!state?.durable || state.opening) {
      // Where the log stands is being read: the read may or may not have seen this one.
      if (state) state.wanted = Math.max(state.wanted, event.seq);
      if (isMembership(event.kind)) this.onMembership(state, event, false);
      return;
    }
    const judgement = judge(state, event);
    if (judgement === 'next') this.forward(state, event);
    else if (judgement === 'gap') this.filler.gap(state, event.seq);
    else if (judgement === 'rewound') this.filler.rewound(state);
    if (judgement !== 'next' && isMembership(event.kind)) this.onMembership(state, event, false);
  }

  private forward(state: ChannelState, event: ChannelEvent): void {
    if (state.forward(event)) this.turn.channel(state);
    if (!isMembership(event.kind)) return;
    // Before anybody is cut: the removal itself is the last event that they see.
    this.turn.flush(state);
    this.onMembership(state, event, true);
  }

  private signal(signal: Signal): void {
    const state = this.channels.get(signal.channel);
    if (state && state.groups.size > 0 && state.add(signal)) this.turn.channel(state);
  }
}

const MEMBERSHIP = 'chat.member-';
/** Kinds that change who may see a thread. */
const isMembership = (kind: string): boolean => kind.startsWith(MEMBERSHIP) || kind === ThreadCreated.kind;
