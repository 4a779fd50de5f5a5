/** The plain JSON socket: joins with a cursor, reconnects by itself with the cursor it has. */
import { UNSUBSCRIBES } from '@veche/contracts';
import type { HistoryRecorder } from '@veche/testing';
import { WebSocket } from 'ws';
import { Screen, type ShownEvent, type Subscriber } from './subscriber.ts';

type Inbound =
  | ({ type: 'event' } & ShownEvent)
  | { type: 'joined'; channel: string; epoch: string; recovered: boolean }
  | { type: 'left'; channel: string; code?: number }
  | { type: 'error'; error: { retryable?: boolean } };

export class PlainSubscriber implements Subscriber {
  private readonly screen: Screen;
  private readonly epochs = new Map<string, string>();
  private readonly joined = Promise.withResolvers<void>();
  private socket: WebSocket | undefined;
  private stopped = false;

  constructor(
    readonly name: string,
    private readonly origin: string,
    private readonly token: string,
    private readonly channels: readonly string[],
    history: HistoryRecorder,
  ) {
    this.screen = new Screen(name, history);
  }

  start(): Promise<void> {
    for (const channel of this.channels) this.screen.begin(channel, 0);
    this.connect();
    return this.joined.promise;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.socket?.terminate();
  }

  shown(channel: string): number {
    return this.screen.shown(channel);
  }

  private connect(): void {
    if (this.stopped) return;
    this.socket = new WebSocket(`${this.origin.replace('http', 'ws')}/realtime/ws`, { headers: { authorization: `Bearer ${this.token}` } });
    this.socket.on('open', () => this.channels.forEach((channel) => this.join(channel)));
    this.socket.on('message', (text) => this.take(JSON.parse(String(text)) as Inbound));
    this.socket.on('error', () => undefined); // a close follows
    this.socket.on('close', () => setTimeout(() => this.connect(), 100));
  }

  private join(channel: string): void {
    const epoch = this.epochs.get(channel);
    const after = epoch ? `${epoch}:${this.shown(channel)}` : '0';
    this.socket?.send(JSON.stringify({ type: 'join', channel, after }));
  }

  /** Refused for the moment: whoever gave up here would never hear of what comes. Who is there already is told so, with nothing new. */
  private joinAgain(): void {
    const { socket } = this;
    setTimeout(() => socket === this.socket && socket?.readyState === WebSocket.OPEN && this.channels.forEach((channel) => this.join(channel)), 500);
  }

  private take(message: Inbound): void {
    if (message.type === 'event') this.screen.show(message, this.epochs.get(message.channel) ?? '');
    if (message.type === 'error' && message.error.retryable) this.joinAgain();
    // Its position was lost: it resumes by joining again.
    if (message.type === 'left' && message.code === UNSUBSCRIBES.insufficient_state.code) this.join(message.channel);
    if (message.type !== 'joined') return;
    if (!message.recovered) this.screen.lost(message.channel);
    this.epochs.set(message.channel, message.epoch);
    if (this.epochs.size === this.channels.length) this.joined.resolve();
  }
}
