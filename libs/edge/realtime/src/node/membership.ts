import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { NODE_ALIVE, NodeAlive, NODES_CHANNEL, type Signal } from '@veche/contracts';
import { EVENT_BUS, type EventBus } from '@veche/platform-messaging';
import { type Drain, Drains } from '@veche/platform-runtime';
import { type GatewayConfig, gatewayConfig } from '../gateway.config.ts';
import { Hub } from '../hub/hub.ts';
import { RealtimeTelemetry } from '../realtime.telemetry.ts';
import { ServerId } from '../server-id.ts';
import { Members } from './members.ts';
import { readSignal } from './read-signal.rules.ts';

/** Between hellos: the fan-out may not be connected yet. */
const HELLO_MS = 250;
/** Hellos that nobody answers: then there is nobody. */
const HELLOS = 6;
/** From the first answer until all others are taken to have said that they are here. */
const GREETING_MS = 500;
/** Those who answer a hello spread out over this. */
const SPREAD_MS = 100;
/** After the sessions, which may still be asked for until they have gone. */
const AFTER_SESSIONS = 30;

/** Knows the other processes of the edge by the signals that each sends every `GATEWAY_NODE_BEAT_MS`, and lets them know of this one. */
@Injectable()
@Drains(AFTER_SESSIONS)
export class Membership implements OnModuleInit, OnApplicationShutdown, Drain {
  private readonly members: Members;
  private readonly listeners: ((node: string) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private greeting: NodeJS.Timeout | undefined;
  private hellos = 0;
  private known = Promise.withResolvers<void>();
  private complete = false;
  private left = false;

  // allowed: size: it stands between the bus and whoever asks who is there
  constructor(
    @Inject(EVENT_BUS) private readonly bus: EventBus,
    private readonly hub: Hub,
    private readonly server: ServerId,
    @Inject(gatewayConfig.token) private readonly config: Pick<GatewayConfig, 'GATEWAY_NODE_BEAT_MS'>,
    private readonly telemetry: RealtimeTelemetry,
  ) {
    this.members = new Members(server.node);
    telemetry.nodesKnown = () => this.members.others.length + 1;
  }

  onModuleInit(): void {
    this.hub.listen(NODES_CHANNEL, (signal) => this.hear(signal));
    this.hub.onInterrupted(() => this.begin());
    this.begin();
  }

  get others(): readonly string[] {
    return this.members.others;
  }

  has(node: string): boolean {
    return this.members.has(node);
  }

  /** Whether every node that is there can be expected to be known: false right after the start, after an interruption of the fan-out, while nobody is heard. */
  get isComplete(): boolean {
    return this.complete && !this.members.isCutOff;
  }

  /** Resolves once the greetings are over. */
  get whenComplete(): Promise<void> {
    return this.known.promise;
  }

  /** Told of each node that has left or fallen silent. */
  onGone(listener: (node: string) => void): void {
    this.listeners.push(listener);
  }

  /** Says goodbye: nobody waits for answers of this process any more. Tolerates twice. */
  // oxlint-disable-next-line typescript/require-await -- the port's form
  async drain(): Promise<void> {
    if (this.left) return;
    this.left = true;
    clearTimeout(this.timer);
    clearTimeout(this.greeting);
    this.say({ leaving: true });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.drain();
    this.known.resolve();
  }

  /** From here on others may be missing until they have answered a hello. */
  private begin(): void {
    if (this.left) return;
    if (this.complete) this.known = Promise.withResolvers<void>();
    this.complete = false;
    this.hellos = 0;
    clearTimeout(this.greeting);
    this.greeting = undefined;
    this.beat();
  }

  private beat(): void {
    clearTimeout(this.timer);
    if (this.complete) for (const node of this.members.beat()) this.gone(node, 'silent');
    else if (++this.hellos > HELLOS) this.completed();
    this.say(this.complete ? {} : { hello: true });
    const { GATEWAY_NODE_BEAT_MS: beat } = this.config;
    this.timer = setTimeout(() => this.beat(), this.complete ? beat : Math.min(HELLO_MS, beat)).unref();
  }

  private hear(signal: Signal): void {
    const alive = signal.kind === NODE_ALIVE && !this.left ? readSignal(NodeAlive, signal) : undefined;
    if (!alive) return;
    const { node, hello, leaving } = alive;
    if (node === this.server.node) return;
    if (leaving) {
      if (this.members.left(node)) this.gone(node, 'left');
    } else {
      if (this.members.heard(node)) this.telemetry.nodeFound(node);
      if (!this.complete) this.greeting ??= setTimeout(() => this.completed(), GREETING_MS).unref();
      // A newcomer must not wait for a whole beat; all at once would be a burst.
      if (hello) setTimeout(() => this.say({}), Math.random() * SPREAD_MS).unref();
    }
  }

  private completed(): void {
    this.complete = true;
    this.known.resolve();
  }

  private gone(node: string, how: 'left' | 'silent'): void {
    this.telemetry.nodeGone(node, how);
    for (const listener of this.listeners) listener(node);
  }

  private say(more: Omit<NodeAlive, 'node'>): void {
    if (this.left && !more.leaving) return;
    const alive: NodeAlive = { node: this.server.node, ...more };
    this.bus.signal([{ channel: NODES_CHANNEL, kind: NODE_ALIVE, actor: '', data: JSON.stringify(alive), meta: null }]);
  }
}
