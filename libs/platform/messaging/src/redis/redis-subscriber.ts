/** The side that hears: subscribed while anybody of this process reads, and again after every loss of the connection. */
import type { RedisConnection } from '@veche/platform-redis';

/** A connection that has died without a word is found by asking. */
const PING_MS = 1_000;

export interface Heard {
  message(body: Buffer): void;
  /** Subscribed again: anything may have been missed until now. */
  resumed(): void;
}

export class RedisSubscriber {
  private wanted = false;
  private subscribed = false;
  private times = 0;
  private turn: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly channel: string,
    private readonly heard: Heard,
  ) {
    // As bytes: as text they would cost twice as much, and not be what was sent.
    connection.raw.on('messageBuffer', (_channel: Buffer, body: Buffer) => heard.message(body));
    connection.raw.on('close', () => (this.subscribed = false));
  }

  /** Resolves once subscribed if somebody wants to hear, or when Redis does not answer: it is tried again for ever. */
  async start(): Promise<void> {
    await this.connection.start();
    if (this.timer) return;
    this.timer = setInterval(() => void (this.connection.isReady && this.connection.raw.ping().catch(() => undefined)), PING_MS).unref();
    this.connection.onReady(() => this.settle());
    await this.turn;
  }

  /** The first reader subscribes, the last one unsubscribes. */
  want(wanted: boolean): void {
    this.wanted = wanted;
    this.settle();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.turn;
    await this.connection.stop();
  }

  /** One change at a time, in order. */
  private settle(): void {
    this.turn = this.turn.then(() => this.change());
  }

  private async change(): Promise<void> {
    if (!this.connection.isReady || this.wanted === this.subscribed) return;
    const { raw } = this.connection;
    try {
      if (!this.wanted) {
        await raw.unsubscribe(this.channel);
        this.subscribed = false;
        return;
      }
      await raw.subscribe(this.channel);
      this.subscribed = true;
      if (this.times++ > 0) this.heard.resumed();
    } catch {
      // Not subscribed without an end of the connection: refused, say by its access rules, or late. Connected anew it is tried again.
      raw.disconnect(true);
    }
  }
}
