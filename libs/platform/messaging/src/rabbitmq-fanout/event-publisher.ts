/**
 * Events and signals leave this process in few messages: one with events is in flight, what comes meanwhile collects for the next.
 * Confirms of a transient queue take about as long as a round trip, so nothing is gained by more in flight, and order is kept.
 */
import { type ChannelEvent, type Signal, VecheError } from '@veche/contracts';
import { SignalBacklog } from '../fanout/signal-backlog.ts';
import type { MessagingConfig } from '../messaging.config.ts';
import type { MessagingTelemetry } from '../messaging.telemetry.ts';
import { encodeEvents } from '../records/event-records.ts';
import type { Publisher } from '../rabbitmq/broker.ts';

/** What is typed or who came is of no interest any more; such a message never makes a slow process slower. */
const SIGNAL_MS = 5000;
/** The same message again while its outcome is unknown: readers drop what they have seen. */
const TRIES = 3;

export const EVENTS = 'events';
export const SIGNALS = 'signals';

interface Waiting {
  readonly body: Buffer;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Readers of this process: told directly, so that they need no broker. */
export interface Here {
  events(body: Buffer): void;
  signals(body: Buffer): void;
}

export class EventPublisher {
  /** No queue took a message: not even that of this process is bound any more. */
  onUnbound: () => void = () => {};
  private events: Waiting[] = [];
  private readonly signals: SignalBacklog;
  private flushing = false;
  private sending: Promise<void> | undefined;
  private sent = 0;

  /** @param to `origin` names this process: readers notice by its numbers what is missing, and skip their own */
  constructor(
    private readonly publisher: Publisher,
    private readonly to: { readonly exchange: string; readonly origin: string; readonly here: Here },
    private readonly config: MessagingConfig,
    private readonly telemetry: MessagingTelemetry,
  ) {
    this.signals = new SignalBacklog(config, telemetry);
  }

  /** Encoded within the call: what becomes of the objects later changes nothing. Rejects unless the broker has confirmed. */
  // oxlint-disable-next-line typescript/require-await -- what encoding throws must come as a rejection
  async publish(events: readonly ChannelEvent[]): Promise<void> {
    if (events.length === 0) return;
    const body = encodeEvents(events);
    return new Promise((resolve, reject) => {
      this.events.push({ body, resolve, reject });
      this.sending ??= this.send().finally(() => (this.sending = undefined));
    });
  }

  signal(signals: readonly Signal[]): void {
    if (!this.signals.add(signals) || this.flushing) return;
    this.flushing = true;
    // All signals of one turn of the loop are one message.
    setImmediate(() => this.flush());
  }

  /** Resolves when what waits has left, or failed. */
  async drain(): Promise<void> {
    this.flush();
    await this.sending;
  }

  private flush(): void {
    this.flushing = false;
    const { bodies, count } = this.signals.take();
    if (count === 0) return;
    const body = Buffer.concat(bodies);
    this.to.here.signals(body);
    const properties = { type: SIGNALS, appId: this.to.origin, expiration: SIGNAL_MS, deliveryMode: 1 };
    if (!this.publisher.tell(this.to.exchange, '', body, properties)) this.telemetry.signalsDropped(count);
  }

  private async send(): Promise<void> {
    // What is published in the same step goes into the first message.
    await Promise.resolve();
    while (this.events.length > 0) {
      const batch = this.take();
      const body = Buffer.concat(batch.map((each) => each.body));
      this.to.here.events(body);
      const taken = await this.confirmed(body);
      for (const { resolve, reject } of batch) {
        if (taken) resolve();
        else reject(new VecheError('unavailable', 'the broker did not take the events in time'));
      }
    }
  }

  private take(): Waiting[] {
    let bytes = 0;
    const end = this.events.findIndex(({ body }, index) => (bytes += body.length) > this.config.BUS_BATCH_BYTES && index > 0);
    return this.events.splice(0, end < 0 ? this.events.length : end);
  }

  private async confirmed(body: Buffer): Promise<boolean> {
    const number = ++this.sent;
    const properties = { type: EVENTS, appId: this.to.origin, messageId: `${this.to.origin}.${number}`, headers: { number }, deliveryMode: 1, mandatory: true };
    for (let tries = 0; tries < TRIES; tries++) {
      const outcome = await this.publisher.publish(this.to.exchange, '', body, properties);
      if (outcome === 'returned') this.onUnbound();
      // Nobody listened, so nobody missed it: readers check their positions when they are back.
      if (outcome !== 'unknown') return true;
      if (this.publisher.hindered !== undefined) break;
    }
    return false;
  }
}
