/** The side that publishes: numbers every message, so that whoever misses one knows it by the next. */
import type { RedisConnection } from '@veche/platform-redis';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import { type MessageKind, writeMessage } from './redis-message.ts';

/** Sent and not yet answered; beyond it messages are lost rather than kept: Redis is slow or frozen, and memory must not grow meanwhile. */
const MAX_IN_FLIGHT_BYTES = 16_777_216;

export class RedisPublisher {
  private sent = 0;
  private inFlight = 0;
  private missing = false;
  private readonly unanswered = new Set<Promise<unknown>>();
  private readonly forget: () => void;

  constructor(
    private readonly connection: RedisConnection,
    private readonly to: { readonly channel: string; readonly origin: string },
    private readonly telemetry: MessagingTelemetry,
  ) {
    this.forget = connection.onReady(() => this.confess());
  }

  /** False: it is lost. Others learn so by the number of the next message, and read what they miss from the log. */
  send(kind: MessageKind, records: readonly Buffer[]): boolean {
    // Counted although it may not leave: a hole in the numbers is how its loss is noticed.
    const body = writeMessage(kind, this.to.origin, ++this.sent, records);
    if (!this.connection.isReady || this.inFlight + body.length > MAX_IN_FLIGHT_BYTES) {
      this.lose();
      return false;
    }
    this.inFlight += body.length;
    const answer = this.publish(body).finally(() => this.unanswered.delete(answer));
    this.unanswered.add(answer);
    return true;
  }

  /** Resolves when everything sent was answered or failed, at most REDIS_TIMEOUT_MS later. */
  async drain(): Promise<void> {
    this.forget();
    await Promise.all(this.unanswered);
  }

  private async publish(body: Buffer): Promise<void> {
    try {
      await this.connection.raw.publish(this.to.channel, body);
      this.inFlight -= body.length;
      // Never after a failure: a connection that is about to end would be asked again and again within one turn of the loop.
      this.confess();
    } catch {
      this.inFlight -= body.length;
      this.lose();
    }
  }

  private lose(): void {
    this.missing = true;
    this.telemetry.fanoutLost(1);
  }

  /** What was lost may have been the last for a long time: so a message without content follows as soon as one can. */
  private confess(): void {
    if (!this.missing || !this.connection.isReady) return;
    this.missing = false;
    this.send('still-here', []);
  }
}
