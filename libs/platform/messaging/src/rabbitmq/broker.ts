/** The broker as the shapes of messages see it: channels that come back by themselves, and publishes that end in one of three ways. */
import type { ConfirmChannel, Options } from 'amqplib';

/** Runs at every opening of a channel, on the raw channel: declares, consumes. Ready only once it has resolved; a throw or 10 s without an end opens another. */
export type ChannelSetup = (raw: ConfirmChannel) => Promise<void>;

/**
 * A channel that is opened anew, with backoff, whenever it or its connection ends.
 * Acks, nacks and publishes go to the raw channel that the delivery or set-up came with: on a later one they would hit somebody else's message.
 */
export interface SupervisedChannel {
  /** While set up. */
  readonly raw: ConfirmChannel | undefined;
  /** Resolves at once while set up, else at the next success; rejects when the set-up was refused with a VecheError (it is tried on all the same), or after close. */
  ready(): Promise<ConfirmChannel>;
  /** Called at each success of the set-up. */
  onReady: () => void;
  /** Called each time that a set-up channel was lost. */
  onLost: () => void;
  close(): Promise<void>;
}

/**
 * `confirmed`: the broker has it. `returned`: no queue took it, nothing was done. `unknown`: nack, lost channel or the confirm deadline (4 s):
 * it may or may not arrive, send the same `messageId` again.
 */
export type PublishOutcome = 'confirmed' | 'returned' | 'unknown';

export interface Publisher {
  /**
   * Always ends, never rejects. `options.messageId` must be unique among those in flight: returns are matched by it.
   * `unknown` at once, unsent, while `hindered` (ask that first) or when far too much is in flight.
   */
  publish(exchange: string, routingKey: string, body: Buffer, options: Options.Publish & { readonly messageId: string }): Promise<PublishOutcome>;
  /** Unconfirmed: dropped while the broker is away, blocked or its buffer is full. True when it was written. */
  tell(exchange: string, routingKey: string, body: Buffer, options: Options.Publish): boolean;
  /** Undefined while publishes can leave; else why not, for people (`blocked: low on memory`, `not connected`). */
  readonly hindered: string | undefined;
  /** Called when `hindered` changes. */
  onHindered(listener: (reason: string | undefined) => void): void;
}

/** What the connected server can do; differs between 3.10, 4.0–4.2 and 4.3. */
export interface BrokerProfile {
  readonly version: string;
  readonly family: '3' | '4.0' | '4.3';
}

export interface Broker {
  /** On the connection that only publishes: an alarm stops it, consumers go on. */
  readonly publisher: Publisher;
  /** On the connection that only consumes. */
  consuming(name: string, setup: ChannelSetup): SupervisedChannel;
  /** Of the server that is connected; waits for a connection. */
  profile(): Promise<BrokerProfile>;
  /** Rejects, with a reason for people, while either connection, or a channel, is away. An alarm is none: it meets all processes alike, and reading goes on. */
  check(): Promise<void>;
  close(): Promise<void>;
}
