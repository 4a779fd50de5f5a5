/** A standard EventSource on one channel: the browser's own reconnect with Last-Event-ID is all the resume there is. */
import type { HistoryRecorder } from '@veche/testing';
import { EventSource } from 'eventsource';
import { Screen, type ShownEvent, type Subscriber } from './subscriber.ts';

export class EventSourceSubscriber implements Subscriber {
  private readonly screen: Screen;
  private source: EventSource | undefined;

  constructor(
    readonly name: string,
    private readonly origin: string,
    private readonly token: string,
    private readonly channel: string,
    history: HistoryRecorder,
  ) {
    this.screen = new Screen(name, history);
  }

  start(): Promise<void> {
    this.screen.begin(this.channel, 0);
    const open = Promise.withResolvers<void>();
    this.connect(`${this.origin}/chat/events?thread_id=${this.channel.slice('thread:'.length)}&after=0`, () => open.resolve());
    return open.promise;
  }

  async stop(): Promise<void> {
    this.source?.close();
  }

  shown(channel: string): number {
    return this.screen.shown(channel);
  }

  /** Reconnecting is the client library's: it sends Last-Event-ID, which outranks `after`. */
  private connect(url: string, opened: () => void): void {
    this.source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.token}` } }),
    });
    this.source.addEventListener('open', opened);
    this.source.addEventListener('message', (message) => this.screen.show(JSON.parse(message.data) as ShownEvent, message.lastEventId.split(':')[0] ?? ''));
  }
}
