/** A client that only polls: JSON with `after` and If-None-Match on the URL that is also an EventSource. */
import type { HistoryRecorder } from '@veche/testing';
import { Screen, type ShownEvent, type Subscriber } from './subscriber.ts';

export interface PollPage {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  readonly events: readonly ShownEvent[];
}

export class PollSubscriber implements Subscriber {
  private readonly screen: Screen;
  private readonly abort = new AbortController();
  private epoch = '';
  private etag = '';
  private running = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly origin: string,
    private readonly token: string,
    private readonly channel: string,
    history: HistoryRecorder,
    private readonly everyMs = 300,
  ) {
    this.screen = new Screen(name, history);
  }

  async start(): Promise<void> {
    this.screen.begin(this.channel, 0);
    await this.poll();
    this.running = this.loop();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  shown(channel: string): number {
    return this.screen.shown(channel);
  }

  private async loop(): Promise<void> {
    while (!this.abort.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, this.everyMs)); // the interval is what this client is
      await this.poll().catch(() => undefined); // the server may be down: the cursor stays
    }
  }

  private async poll(): Promise<void> {
    const after = this.epoch ? `${this.epoch}:${this.shown(this.channel)}` : '0';
    const url = `${this.origin}/chat/events?thread_id=${this.channel.slice('thread:'.length)}&after=${after}`;
    const headers = { accept: 'application/json', authorization: `Bearer ${this.token}`, ...(this.etag && { 'if-none-match': this.etag }) };
    const response = await fetch(url, { headers, signal: this.abort.signal });
    if (response.status === 304) return;
    if (!response.ok) throw new Error(`${this.name}: ${response.status} ${await response.text()}`);
    this.take((await response.json()) as PollPage, response.headers.get('etag') ?? '');
  }

  private take(page: PollPage, etag: string): void {
    this.epoch = page.epoch;
    this.etag = etag;
    for (const event of page.events) this.screen.show(event, page.epoch);
  }
}
