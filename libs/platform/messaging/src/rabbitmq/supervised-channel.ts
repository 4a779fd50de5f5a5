/** A channel that is opened anew whenever it ends: the manager opens one again only when the whole connection was lost. */
import { setTimeout as pause } from 'node:timers/promises';
import { VecheError } from '@veche/contracts';
import type { ChannelWrapper } from 'amqp-connection-manager';
import type { ConfirmChannel } from 'amqplib';
import { systemClock } from '../clock.ts';
import type { ChannelSetup, SupervisedChannel } from './broker.ts';
import type { BrokerConnection } from './broker-connection.ts';
import type { RabbitMqTelemetry } from './rabbitmq.telemetry.ts';

/** Until a set-up has ended: one that hangs is given up. */
const SET_UP_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** A channel that lived so long was sound: its successor is opened without the pauses of those before. */
const SOUND_MS = 5000;
const GOODBYE_MS = 1000;

interface Waiter {
  readonly resolve: (raw: ConfirmChannel) => void;
  readonly reject: (cause: unknown) => void;
}

export class Supervised implements SupervisedChannel {
  raw: ConfirmChannel | undefined;
  onReady: () => void = () => {};
  onLost: () => void = () => {};
  private wrapper: ChannelWrapper | undefined;
  private readonly waiters: Waiter[] = [];
  private failures = 0;
  private readyAt = 0;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;
  /** Of the raw channel that was opened last. */
  private cause: unknown;

  constructor(
    private readonly name: string,
    private readonly connection: BrokerConnection,
    private readonly setup: ChannelSetup,
    private readonly telemetry: RabbitMqTelemetry,
  ) {
    connection.onChange((opened) => this.onConnection(opened !== undefined));
    this.open();
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Why it is not there, for people. */
  get reason(): string | undefined {
    if (this.raw) return undefined;
    return this.connection.reason ?? `the channel ${this.name} is not set up: ${this.cause instanceof Error ? this.cause.message : 'on its way'}`;
  }

  ready(): Promise<ConfirmChannel> {
    if (this.raw) return Promise.resolve(this.raw);
    if (this.closed) return Promise.reject(new VecheError('unavailable', `the channel ${this.name} is closed`));
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.retry);
    this.raw = undefined;
    this.refuseWaiters(new VecheError('unavailable', `the channel ${this.name} is closed`));
    // Awaited, so that acks and publishes before it have left: the goodbye of the connection would overtake them.
    await Promise.race([this.end(), pause(GOODBYE_MS, undefined, { ref: false })]);
  }

  private onConnection(connected: boolean): void {
    clearTimeout(this.retry);
    // A wrapper that is alive opens another channel by itself once there is a connection again.
    if (!connected) this.lose();
    else if (!this.wrapper) this.open();
  }

  private open(): void {
    if (this.closed) return;
    const wrapper: { current?: ChannelWrapper } = {};
    const setup = (raw: ConfirmChannel): Promise<void> => this.setUp(raw, () => this.wrapper === wrapper.current);
    wrapper.current = this.wrapper = this.connection.manager.createChannel({ name: this.name, setup });
    // What could not even be opened; without a listener it would end the process.
    this.wrapper.on('error', (cause) => this.failed(cause));
  }

  /** Never throws: the manager would say `connect` all the same. Ready is what this says. */
  private async setUp(raw: ConfirmChannel, isCurrent: () => boolean): Promise<void> {
    let open = true;
    // First of all: an error without a listener tears down the connection, and with it every other channel.
    raw.on('error', (cause) => (this.cause = cause));
    raw.on('close', () => {
      open = false;
      if (this.raw === raw) this.reopen();
    });
    if (!isCurrent()) return void raw.close().catch(() => {});
    this.cause = undefined;
    try {
      await inTime(this.setup(raw));
    } catch (cause) {
      return this.failed(cause);
    }
    if (!open) return this.failed(this.cause);
    if (this.closed || !isCurrent()) return void raw.close().catch(() => {});
    this.raw = raw;
    this.readyAt = systemClock.now();
    for (const { resolve } of this.waiters.splice(0)) resolve(raw);
    this.onReady();
  }

  private reopen(): void {
    this.lose();
    // In a moment it is known whether the whole connection went: its channels end first.
    queueMicrotask(() => {
      if (this.closed || !this.connection.current) return;
      this.telemetry.channelLost(this.name, this.cause);
      this.failures = systemClock.now() - this.readyAt > SOUND_MS ? 0 : this.failures + 1;
      this.replace();
    });
  }

  private failed(cause: unknown): void {
    // What the server said about the channel, unless we refused it ourselves: that does not get better by waiting, and whoever waits is told.
    if (cause instanceof VecheError) this.refuseWaiters(cause);
    else cause = this.cause ?? cause;
    this.cause = cause;
    // That a connection went is known already, and the wrapper waits for the next.
    if (this.closed || !this.connection.current) return;
    this.failures++;
    this.telemetry.channelRefused(this.name, cause);
    this.replace();
  }

  private replace(): void {
    clearTimeout(this.retry);
    void this.end();
    const ms = this.failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    this.retry = setTimeout(() => this.open(), ms);
  }

  private async end(): Promise<void> {
    const { wrapper } = this;
    this.wrapper = undefined;
    wrapper?.removeAllListeners('error');
    wrapper?.on('error', () => {});
    // It rejects when the channel is closed already.
    await wrapper?.close().catch(() => {});
  }

  private lose(): void {
    if (!this.raw) return;
    this.raw = undefined;
    if (!this.closed) this.onLost();
  }

  private refuseWaiters(cause: unknown): void {
    for (const { reject } of this.waiters.splice(0)) reject(cause);
  }
}

async function inTime(setup: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`set-up took longer than ${SET_UP_MS} ms`)), SET_UP_MS);
  });
  try {
    await Promise.race([setup, late]);
  } finally {
    clearTimeout(timer);
    setup.catch(() => {});
  }
}
