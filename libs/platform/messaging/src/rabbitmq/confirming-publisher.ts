/** Publishes with confirms on one raw channel: each ends confirmed, returned or unknown, whatever becomes of the channel. */
import type { ConfirmChannel, Message, Options } from 'amqplib';
import { systemClock } from '../clock.ts';
import type { Publisher, PublishOutcome } from './broker.ts';
import type { RabbitMqTelemetry } from './rabbitmq.telemetry.ts';

/** A broker that has not confirmed by then is frozen or has lost its majority: the connection is ended, since nothing else ends it soon. */
const CONFIRM_MS = 4000;
/** In flight and waiting for room; above it the broker does not keep up, and a publish is given up at once instead of filling the memory. */
const MOST_MESSAGES = 20_000;
const MOST_BYTES = 67_108_864;

interface InFlight {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly options: Options.Publish & { readonly messageId: string };
  readonly at: number;
  readonly settle: (outcome: PublishOutcome) => void;
  returned: boolean;
  /** Others under the same id (a unit of work that was delivered twice): one after the other, since only the id tells whose return or confirm it is. */
  readonly twins: InFlight[];
}

/** What the publisher needs to know and do about its connection. */
export interface PublishingConnection {
  /** Why nothing can leave, for people: not connected, or an alarm. */
  readonly hindrance: () => string | undefined;
  /** While an alarm lasts nobody confirms, and a new connection would be no better off. */
  readonly blocked: () => boolean;
  readonly kill: (reason: string) => void;
}

export class ConfirmingPublisher implements Publisher {
  private raw: ConfirmChannel | undefined;
  /** In the order of publishing, by message id. */
  private readonly inFlight = new Map<string, InFlight>();
  private readonly waiting: InFlight[] = [];
  private bytes = 0;
  private writable = true;
  private deadline: NodeJS.Timeout | undefined;
  private readonly listeners: ((reason: string | undefined) => void)[] = [];
  private known: string | undefined = 'not connected to RabbitMQ yet';
  private probes = 0;
  private proven = false;
  private stale = false;

  constructor(
    private readonly connection: PublishingConnection,
    private readonly telemetry: RabbitMqTelemetry,
  ) {}

  get hindered(): string | undefined {
    return this.known;
  }

  onHindered(listener: (reason: string | undefined) => void): void {
    this.listeners.push(listener);
  }

  /** The last step of the channel's set-up. */
  open(raw: ConfirmChannel, probe: { readonly exchange: string }): void {
    this.raw = raw;
    this.writable = true;
    raw.on('return', (message: Message) => this.onReturn(message));
    raw.on('drain', () => this.onDrain(raw));
    raw.on('close', () => this.onClose(raw));
    // A broker with an alarm takes connections and channels like any other, and says so only to who publishes: hence one message to nobody,
    // before others are told that the way is free.
    this.proven = false;
    raw.publish(probe.exchange, `probe.${++this.probes}`, Buffer.alloc(0), { deliveryMode: 1 }, (error: unknown) => {
      if (error || this.raw !== raw) return;
      this.proven = true;
      this.look();
    });
    this.look();
  }

  publish(exchange: string, routingKey: string, body: Buffer, options: Options.Publish & { readonly messageId: string }): Promise<PublishOutcome> {
    if (!this.raw || this.known !== undefined || this.isFull(body)) return Promise.resolve('unknown');
    return new Promise((settle) => {
      const one = { exchange, routingKey, body, options, at: systemClock.now(), settle, returned: false, twins: [] };
      this.bytes += body.length;
      if (this.writable) this.write(one);
      else this.waiting.push(one);
      this.deadline ??= this.watch(CONFIRM_MS);
    });
  }

  tell(exchange: string, routingKey: string, body: Buffer, options: Options.Publish): boolean {
    if (!this.raw || !this.writable || this.known !== undefined) return false;
    try {
      this.writable = this.raw.publish(exchange, routingKey, body, options);
      return true;
    } catch {
      return false;
    }
  }

  /** Judges again whether publishes can leave: called when the connection or an alarm changed. */
  look(): void {
    if (this.stale && !this.connection.blocked()) this.renew();
    const reason =
      this.connection.hindrance() ?? (this.raw ? (this.proven ? undefined : 'the broker does not take messages yet') : 'the channel is not set up');
    if (reason === this.known) return;
    this.known = reason;
    for (const listener of this.listeners) listener(reason);
  }

  /** Resolves when all in flight have ended; they do within the confirm deadline. */
  async idle(): Promise<void> {
    while (this.inFlight.size + this.waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  private isFull(body: Buffer): boolean {
    return this.inFlight.size + this.waiting.length >= MOST_MESSAGES || (this.bytes > 0 && this.bytes + body.length > MOST_BYTES);
  }

  private write(one: InFlight): void {
    const { raw } = this;
    const messageId = String(one.options.messageId);
    const before = this.inFlight.get(messageId);
    if (before) return void before.twins.push(one);
    this.inFlight.set(messageId, one);
    try {
      // A return comes before its confirm, and the confirm shows no error: only the id tells.
      this.writable = raw!.publish(one.exchange, one.routingKey, one.body, one.options, (error: unknown) => this.confirmed(messageId, one, error));
    } catch {
      this.end(one, 'unknown');
    }
  }

  private confirmed(messageId: string, one: InFlight, error: unknown): void {
    if (this.inFlight.get(messageId) !== one) return;
    if (one.returned) this.telemetry.unroutable(one.exchange, one.routingKey);
    this.end(one, error ? 'unknown' : one.returned ? 'returned' : 'confirmed');
  }

  private onReturn({ properties }: Message): void {
    const one = this.inFlight.get(String(properties.messageId));
    if (one) one.returned = true;
  }

  private onDrain(raw: ConfirmChannel): void {
    if (this.raw !== raw) return;
    this.writable = true;
    while (this.writable && this.waiting.length > 0) this.write(this.waiting.shift()!);
  }

  private onClose(raw: ConfirmChannel): void {
    if (this.raw !== raw) return;
    this.stale = false;
    this.raw = undefined;
    this.proven = false;
    this.look();
    this.endAll();
  }

  private end(one: InFlight, outcome: PublishOutcome): void {
    const messageId = String(one.options.messageId);
    if (this.inFlight.get(messageId) === one) this.inFlight.delete(messageId);
    this.bytes -= one.body.length;
    this.telemetry.published(outcome);
    one.settle(outcome);
    const [next, ...others] = one.twins.splice(0);
    if (!next) return;
    next.twins.push(...others);
    this.write(next);
  }

  private endAll(): void {
    clearTimeout(this.deadline);
    this.deadline = undefined;
    const all = [...this.inFlight.values()].flatMap((one) => [one, ...one.twins.splice(0)]);
    for (const one of [...all, ...this.waiting.splice(0)]) this.end(one, 'unknown');
  }

  /** One timer for all, armed for the oldest: a timer a publish would cost more than the publish. */
  private watch(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.deadline = undefined;
      const oldest = this.inFlight.values().next().value ?? this.waiting[0];
      if (!oldest) return;
      const left = oldest.at + CONFIRM_MS - systemClock.now();
      if (left > 0) this.deadline = this.watch(left);
      else this.overdue();
    }, ms);
  }

  private overdue(): void {
    if (this.connection.blocked()) this.stale = true;
    else this.connection.kill(`RabbitMQ has not confirmed for ${CONFIRM_MS} ms`);
    // What an alarm holds back is unknown all the same: the server may read it once the alarm is over.
    this.endAll();
  }

  /** After an alarm that was waited out: a return of what was given up must not be taken for one of its successor under the same id. */
  private renew(): void {
    this.stale = false;
    this.connection.kill('RabbitMQ was blocked for longer than confirms are awaited');
  }
}
