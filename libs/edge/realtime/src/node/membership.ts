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

/** Between hellos until the first is heard back: the fan-out may not be connected yet. */
const HELLO_MS = 250;
/** From then on until all others are taken to have said that they are here. */
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
  /** The beat before this one was heard back. */
  private echoed = false;
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

  /** Whether every node that is there can be expected to be known: false right after the start and after the fan-out was interrupted. */
  get isComplete(): boolean {
    return this.complete;
  }

  /** Resolves once it is; pending for as long as the fan-out is away. */
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
    this.echoed = false;
    clearTimeout(this.greeting);
    this.greeting = undefined;
    this.beat();
  }

  private beat(): void {
    clearTimeout(this.timer);
    if (this.echoed) for (const node of this.members.beat()) this.gone(node, 'silent');
    this.echoed = false;
    const settling = this.greeting === undefined && !this.complete;
    this.say(settling ? { hello: true } : {});
    this.timer = setTimeout(() => this.beat(), settling ? Math.min(HELLO_MS, this.config.GATEWAY_NODE_BEAT_MS) : this.config.GATEWAY_NODE_BEAT_MS).unref();
  }

  private hear(signal: Signal): void {
    const alive = signal.kind === NODE_ALIVE && !this.left ? readSignal(NodeAlive, signal) : undefined;
    if (!alive) return;
    const { node, hello, leaving } = alive;
    if (node === this.server.node) this.heardBack();
    else if (leaving) this.members.left(node) && this.gone(node, 'left');
    else {
      if (this.members.heard(node)) this.telemetry.nodeFound(node);
      // A newcomer must not wait for a whole beat; all at once would be a burst.
      if (hello) setTimeout(() => this.say({}), Math.random() * SPREAD_MS).unref();
    }
  }

  private heardBack(): void {
    this.echoed = true;
    if (this.complete || this.greeting) return;
    this.greeting = setTimeout(() => {
      this.complete = true;
      this.known.resolve();
    }, GREETING_MS).unref();
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
